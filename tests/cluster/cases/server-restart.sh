#!/usr/bin/env bash
# The API server is killed and comes back: `logs -f`, `status --watch`, `wait` and `get --watch` go on, no line is lost
# and none comes twice.
# timeout: 240
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"

kubectl apply -f - <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: rows, labels: {lotse.dev/workload: rows, app.kubernetes.io/managed-by: lotse}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: rows, labels: {lotse.dev/workload: rows, lotse.dev/template: train, app.kubernetes.io/managed-by: lotse}}
spec:
  completionMode: Indexed
  completions: 12
  parallelism: 1
  template:
    metadata: {labels: {lotse.dev/workload: rows, lotse.dev/template: train}}
    spec:
      restartPolicy: Never
      containers:
        - {name: main, image: '$LOTSE_TEST_IMAGE', args: [print, 'row \$(JOB_COMPLETION_INDEX)', end]}
END
timeout 200 "$LOTSE" logs -f rows >logs 2>logs.err & logs=$!
timeout 200 "$LOTSE" wait rows >waited 2>wait.err & waited=$!
timeout 200 "$LOTSE" status rows --watch >status 2>status.err & status=$!
timeout 200 "$LOTSE" get pods --watch -o name >pods 2>pods.err & pods=$!
until [ "$(grep -c row logs)" -ge 2 ] && [ -s pods ]; do sleep 0.1; done

for pid in $(processes); do
  [ "$(cat "/proc/$pid/comm")" != kube-apiserver ] || kill -KILL "$pid"
done
begun=$SECONDS
sleep 0.2
until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done
echo "the API server was away for about $((SECONDS - begun)) s"

wait $waited || { cat wait.err; exit 1; }
wait $status || { cat status.err; exit 1; }
wait $logs || { cat logs.err; exit 1; }
same "$(grep -o 'row .*' logs | sort -k2n)" "$(seq -f 'row %g' 0 11)" "the lines"
same "$(grep -c ' end$' logs)" 12 "the last lines"
grep -q Succeeded status
until [ "$(sort -u pods | wc -l)" -ge 12 ]; do sleep 0.1; done
kill -INT $pods
cat wait.err
