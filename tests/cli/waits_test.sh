# What a local run says and waits for. A script stands in for the runner: it does what the file `behaviour` says.
cat >lotse-runner <<'S'
#!/bin/bash
. "$(dirname "$0")/behaviour"
S
chmod +x lotse-runner
export LOTSE_RUNNER=$PWD/lotse-runner
infer=(lotse infer yolo26n . --on local)

# For machines each line has its pod, rank and time; what a library prints is an event of its own.
cat >behaviour <<'S'
echo '{"event":"start","message":"go","rank":3}'
echo 'a library warns'
S
for command in "${infer[*]} --name json -o json" "lotse logs json --on local -o json"; do
  expect 0 $command
  fits out event --lines
  python3 - <<'P'
import json
start, other = sorted((json.loads(line) for line in open("out")), key=lambda event: event["event"] == "output")
assert (start["event"], start["message"], start["rank"]) == ("start", "go", 3), start
assert (other["event"], other["message"], other["rank"]) == ("output", "a library warns", 0), other
assert start["pod"].startswith("json-") and start["pod"] == other["pod"]
assert start["time"].endswith("Z") and other["time"].endswith("Z")
P
done

# The time given is the time taken, and the run goes on.
echo 'sleep 30 & trap "kill %1; exit 75" TERM; wait' >behaviour
started=$SECONDS
expect 124 "${infer[@]}" --name slow --timeout 1s
[ $((SECONDS - started)) -le 4 ] || { echo "FAILED: --timeout 1s took $((SECONDS - started)) s"; exit 1; }
says err "is not complete after 1 s; Running"
expect 124 lotse wait slow --on local --timeout 1s
expect 0 lotse why slow --on local -o json
fits out why
expect 0 lotse delete slow --on local

# How far a run is, and what it uses; there are no Events here, which is said.
cat >behaviour <<'S'
echo '{"event":"progress","message":"epoch 1/2 8/16  2.0 images/s","phase":"epoch 1/2","done":8,"total":16,"unit":"images","per_second":2.0}'
trap 'exit 75' TERM
while :; do :; done
S
expect 0 "${infer[@]}" --name busy --cpu 2 --detach
for _ in $(seq 100); do lotse status busy --on local >out; ! grep -q images/s out || break; sleep 0.1; done
says out "  epoch 1/2 8/16  2.0 images/s"
expect 0 lotse status busy --on local -o json
fits out status
python3 -c 'import json; progress = json.load(open("out"))["progress"]; assert (progress["done"], progress["perSecond"], progress["etaSeconds"]) == (8, 2.0, None), progress'
expect 0 lotse top busy --on local -o json
fits out top
python3 - <<'P'
import json
pod, = json.load(open("out"))["workloads"][0]["pods"]
assert 0.2 < pod["cpu"]["used"] < 2 and pod["cpu"]["requested"] == 2, pod
assert 1 << 20 < pod["memory"]["used"] < 1 << 28, pod
P
expect 0 lotse top --on local
grep -qE '^busy +1 +[0-9]+m +2000m' out || { cat out; exit 1; }
expect 0 lotse events busy --on local
says out "local workloads have no Events"
expect 0 lotse events busy --on local -f -o json
fits out events
says err "local workloads have no Events"
expect 3 lotse events nobody --on local
expect 3 lotse top nobody --on local
expect 0 lotse delete busy --on local

# Exit code 2 has words, for a run and for a service, whose Deployment is left as it is.
cat >behaviour <<'S'
echo '{"event":"start","message":"go"}'
echo '{"event":"error","message":"there is no such model"}'
exit 2
S
expect 2 "${infer[@]}" --name wrong
says err "'wrong' failed: exit 2: there is no such model"
expect 2 lotse wait wrong --on local
says out "wrong: Failed, exit 2: there is no such model"
expect 2 lotse serve yolo26n --on local --name model
says err "exit 2: there is no such model"
expect 2 lotse wait model --for ready --on local -o json
fits out status
expect 0 lotse why model --on local -o json
fits out why
says out '"code": "WrongConfiguration"'
expect 0 lotse list --on local
grep -qE "^model +serve +Failed .*exit 2: there is no such model" out
expect 0 lotse list --on local -o json
fits out list
expect 0 lotse status model --on local -o json
fits out status
python3 -c 'import json; state = json.load(open("out")); assert (state["object"], state["exitCode"]) == ("deployment/model", 2), state'
expect 0 lotse delete model --on local -o json
fits out delete

# Here is no queue: what a cluster would hold back runs at once.
echo 'echo done' >behaviour
expect 0 "${infer[@]}" --name queued --queue team
says out "done"

# What is applied without waiting, again, and anew.
expect 0 "${infer[@]}" --name apart --detach -o json
fits out applied
expect 0 lotse status apart --watch --on local -o json
fits out status --lines
expect 0 lotse rerun apart --dry-run --on local -o json
fits out diff
expect 0 lotse rerun apart --on local -o json
fits out applied
expect 0 lotse delete apart --on local
