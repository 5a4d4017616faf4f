#!/usr/bin/env bash
# timeout: 120
# A run is stopped, starts again as the same Job, is left alone by rerun while it runs and run anew with --replace; the
# pods of its attempts are told apart in the logs.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD LOTSE_IMAGE=$LOTSE_TEST_IMAGE
mkdir -p run/manifests
cat >run/template.yaml <<'END'
name: run
kind: job
version: 1.0.0
help: The probe.
schema: {type: object, properties: {words: {type: string, default: "serve 8080"}, tries: {type: integer, default: 3}}}
END
cat >run/manifests/job.yaml <<'END'
apiVersion: batch/v1
kind: Job
metadata: {name: "${workload.name}-${workload.revision}", labels: {$eval: workload.labels}}
spec:
  completionMode: Indexed
  completions: 1
  backoffLimit: {$eval: values.tries}
  template:
    metadata: {labels: {$eval: workload.labels}, annotations: {lotse.dev/revision: "${workload.revision}"}}
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
      - {name: main, image: "${workload.image}", args: {$eval: 'split(values.words, " ")'}}
END
run() { "$LOTSE" train --template ./run "$@"; }
uid() { kubectl get jobs -l lotse.dev/workload=sleepy -o 'jsonpath={.items[*].metadata.uid}'; }
phase_is() {
  for _ in $(seq 150); do "$LOTSE" status sleepy | grep -q "sleepy: $1" && return; sleep 0.2; done
  "$LOTSE" status sleepy >&2; echo "it is not $1" >&2; return 1
}

exits 0 run --name sleepy --detach
phase_is Running
job=$(uid)
exits 0 "$LOTSE" stop sleepy
phase_is Stopped
kubectl wait --for=delete pod -l lotse.dev/workload=sleepy --timeout=30s >/dev/null 2>&1 || [ -z "$(kubectl get pods -o name)" ]
exits 0 "$LOTSE" start sleepy
phase_is Running
same "$(uid)" "$job" "the Job after a stop and a start"
exits 0 "$LOTSE" rerun sleepy
says unchanged
same "$(uid)" "$job" "the Job after a rerun that found it running"
exits 4 run --name sleepy --words 'serve 8081' --detach
exits 0 "$LOTSE" rerun sleepy --replace
phase_is Running
[ "$(uid)" != "$job" ] || { echo "rerun --replace left the Job" >&2; exit 1; }
exits 0 "$LOTSE" history sleepy
same "$(grep -c apply out)" 1 "revisions"
exits 2 "$LOTSE" scale sleepy --replicas 2

exits 1 run --name failing --words 'read /not/there' --tries 1 --timeout 60s
exits 2 "$LOTSE" stop failing
exits 0 "$LOTSE" logs failing -o json
fits out event --lines
same "$(python3 -c 'import json; print(sorted({json.loads(line)["attempt"] for line in open("out")}))')" "[1, 2]" "attempts in the logs"
exits 0 "$LOTSE" logs failing --attempt 2
says "[0 attempt 2] "
exits 0 "$LOTSE" delete sleepy failing
