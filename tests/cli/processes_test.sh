# needs: runner
# A pod with several GPUs runs a process for each: LOTSE_PROCESSES_PER_POD, written by the template from --gpus, says how
# many; with --device cpu they meet by Gloo. How the pod ends is how the first of them that failed by itself ended.
unset LOTSE_GPUS LOTSE_WORKERS
export OMP_NUM_THREADS=1
lotse-runner dataset shapes set --train-images 8 --val-images 2 --imgsz 64 >/dev/null
train=(lotse-runner train --model yolo26n --data set/data.yaml --device cpu --imgsz 64 --batch 4 --nominal-batch 4
  --precision fp32 -o json)
together=(env LOTSE_PROCESSES_PER_POD=2)

expect 0 "${together[@]}" "${train[@]}" --output two --epochs 1
python3 - <<'P'
import json
events = [json.loads(line) for line in open("out")]
starts = sorted((e["rank"], e["world_size"]) for e in events if e["event"] == "start")
assert starts == [(0, 2), (1, 2)], starts
assert [e["event"] for e in events].count("result") == 1, events
P

# What is wrong for all is said once, as the last line.
expect 2 "${together[@]}" "${train[@]}" --output none --epochs 1 --batch 3
[ "$(grep -c '"event":"error"' out)" = 1 ] || { echo "FAILED: not one error:"; cat out; exit 1; }
tail -1 out | grep -q '2 ranks cannot share' || { echo "FAILED: the last line is no reason:"; cat out; exit 1; }
expect 2 env LOTSE_PROCESSES_PER_POD=many "${train[@]}" --output none
says out "LOTSE_PROCESSES_PER_POD"

in_background() { # OUTPUT: begins a long run and waits until it steps
  "${together[@]}" "${train[@]}" --output "$1" --epochs 500 --log-steps >out 2>err </dev/null &
  launcher=$!
  for _ in $(seq 600); do ! grep -q '"event":"step"' out || return 0; sleep 0.1; done
  echo "FAILED: no step:"; cat out err; exit 1
}
ended() { # CODE
  local code=0
  wait "$launcher" || code=$?
  [ "$code" = "$1" ] || { echo "FAILED: ended with $code, not $1:"; tail -3 out; cat err; exit 1; }
  [ -z "$(ps -o pid= --ppid "$launcher")" ] || { echo "FAILED: processes are left"; exit 1; }
}
# Asked to stop, all save and stop.
in_background stopped
kill -TERM "$launcher"
ended 75
[ -e stopped/state.safetensors ] || { echo "FAILED: nothing was saved"; exit 1; }
# One that is killed ends the other one, and is what is told.
in_background killed
kill -KILL "$(ps -o pid= --ppid "$launcher" | tail -1)"
ended 137
tail -1 out | grep -q 'was ended by signal 9' || { echo "FAILED: the last line is:"; tail -1 out; exit 1; }

# The same by the command of users, on this machine.
export LOTSE_RUNNER
LOTSE_RUNNER=$(command -v lotse-runner)
expect 0 lotse train --on local --name pair --gpus 2 --device cpu --model yolo26n --data set/data.yaml --imgsz 64 \
  --batch 4 --nominal-batch 4 --epochs 1 --precision fp32
says out "rank 0 of 2"
says out "rank 1 of 2"
expect 0 lotse delete pair --on local
# Where pods cannot be had as they are asked for, that is said, and nothing is begun.
expect 2 lotse train --on local --data set/data.yaml --mount claim:c:/data --gpu-claim gpu.example.com --env-secret token
for flag in --mount --gpu-claim --env-secret; do says err "$flag: cannot be carried out on this machine"; done
expect 2 lotse train --on local --data set/data.yaml --gpu-claim gpu.example.com --gpu-resource nvidia.com/mig-1g.10gb
says err "--gpu-claim: and --gpu-resource exclude each other"
