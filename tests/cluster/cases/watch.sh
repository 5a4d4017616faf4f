#!/usr/bin/env bash
# What the real server, kubelet and metrics-server tell of workloads while they run: Events, how far a run is, what its
# pods use; all with the rights of role.yaml.
# timeout: 180
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../workload.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD
lotse() { "$LOTSE" "$@" --kubeconfig "$LOTSE_TEST_TOKEN_KUBECONFIG"; }

resources='resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {cpu: 500m, memory: 64Mi}}'
job run 1 "containers: [{name: runner, image: '$LOTSE_TEST_IMAGE', args: [cat], stdin: true, $resources}]"
job hungry 1 "containers: [{name: runner, image: '$LOTSE_TEST_IMAGE', args: [pause], resources: {requests: {cpu: 1000}}}]"

# Events: of one workload, of all, those that come.
until_says Started lotse events run
says "LAST SEEN"
says "Scheduled"
same "$(grep -oE 'SuccessfulCreate|Started' out | paste -sd' ')" "SuccessfulCreate Started" "what happened, in order"
! grep -qF hungry out || { echo "events of another workload:" >&2; cat out >&2; exit 1; }
until_says FailedScheduling lotse events --warnings
says "Insufficient cpu"
! grep -qE ' (Started|Normal) ' out || { echo "not only warnings:" >&2; cat out >&2; exit 1; }
exits 0 lotse events -o json
fits out events
says '"workload": "hungry"'
says '"reason": "Started"'
exits 3 lotse events nobody

job short 1 "containers: [{name: runner, image: '$LOTSE_TEST_IMAGE', args: [sleep, '3']}]"
exits 0 timeout 60 "$LOTSE" events short -f
says "SuccessfulCreate"
says "Job completed"
exits 0 timeout 60 "$LOTSE" events short -f -o json
fits out events --lines
timeout 60 "$LOTSE" events -f >followed 2>&1 & follower=$!
sleep 1
job late 1 "containers: [{name: runner, image: '$LOTSE_TEST_IMAGE', args: [print, x]}]"
until_says late cat followed
kill -INT $follower
code=0; wait $follower || code=$?
same $code 130 "events -f after Ctrl-C"

# How far a run is: what its first rank said last.
exits 0 lotse status run -o json
fits out status
says '"progress": null'
pod=$(kubectl get pods -l lotse.dev/workload=run -o name)
attached() { timeout 5 "$KUBECTL" attach -q -i "$pod" >/dev/null 2>&1 || true; }
attached <<'END'
{"event":"progress","message":"epoch 2/3 32/96  40.0 images/s  4 s left","phase":"epoch 2/3","done":32,"total":96,"unit":"images","per_second":40.0,"eta_seconds":1.6,"run_eta_seconds":4.5}
a library warns
END
until_says "epoch 2/3 32/96  40.0 images/s  4 s left" lotse status run
exits 0 lotse status run -o json
fits out status
says '"runEtaSeconds": 4.5'

# What its pods use.
until_says '"node": "lotse"' lotse top run -o json
for _ in $(seq 300); do
  exits 0 lotse top run -o json
  grep -q '"used": null' out || break
  sleep 0.2
done
fits out top
python3 - <<'END'
import json
run, = json.load(open("out"))["workloads"]
pod, = run["pods"]
assert pod["cpu"]["requested"] == 0.01 and pod["cpu"]["limit"] == 0.5, pod
assert pod["memory"]["requested"] == 8 << 20 and pod["memory"]["limit"] == 64 << 20, pod
assert 0 < pod["memory"]["used"] < 64 << 20 and 0 <= pod["cpu"]["used"] < 0.5, pod
assert run["memory"] == pod["memory"], run
END
exits 0 lotse top
grep -qE '^run +1 +[0-9]+m +10m +500m +[0-9]+Mi +8Mi +64Mi$' out || { cat out >&2; exit 1; }
exits 3 lotse top nobody
