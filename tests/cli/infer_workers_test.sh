# needs: runner
# Several workers share the pictures: the file is the one that a single worker writes, wherever one of them was killed, and
# each picture has a line.
export OMP_NUM_THREADS=1
lotse-runner dataset shapes shapes --seed 1 --imgsz 64 --train-images 24 --val-images 2 >/dev/null
pictures=$PWD/shapes/images/train
infer=(lotse-runner infer yolo26n "$pictures" --imgsz 64 --conf 0.0001 --max-det 5 --batch 4 --threads 1 --precision fp32)
lines() { # FILE: how many, and that their pictures are all of the folder, once and in order
  python3 - "$1" "$pictures" <<'P'
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
wanted = sorted(os.path.join(sys.argv[2], name) for name in os.listdir(sys.argv[2]))
assert [line["image"] for line in lines] == wanted, "not each picture once, in order"
assert [line["index"] for line in lines] == list(range(len(lines)))
assert all(("error" in line) != ("detections" in line) for line in lines)
print(len(lines), sum("error" in line for line in lines))
P
}
whole() { [ "$(cd "$1" && ls | paste -sd' ')" = "infer.jsonl run.json" ] || { echo "FAILED: left in $1: $(ls "$1")"; exit 1; }; }

expect 0 "${infer[@]}" --output alone
says out "alone/infer.jsonl is complete: 24 pictures"
[ "$(lines alone/infer.jsonl)" = "24 0" ] || { echo "FAILED: lines"; exit 1; }
whole alone
# Printed, it is the same.
expect 0 "${infer[@]}" -o json
python3 - <<'P'
import json
printed = [json.loads(line) for line in open("out")]
printed = [line for line in printed if line["event"] == "detections"]
kept = [json.loads(line) for line in open("alone/infer.jsonl")]
for one, other in zip(printed, kept, strict=True):
    assert all(one[key] == other[key] for key in ("image", "width", "height", "detections")), (one, other)
assert sum(len(line["detections"]) for line in kept) > 24
P

# Another run's results are not replaced unasked, and one who shares needs a place to share.
expect 2 "${infer[@]}" --output alone
says err "holds the results of another run"
expect 2 env LOTSE_WORKERS=2 JOB_COMPLETION_INDEX=0 "${infer[@]}"
says err "output: is needed where workers share the pictures"
expect 2 "${infer[@]}" --output here --save here
says err "is the folder of --output, too"
[ ! -e here ] || { echo "FAILED: something was written"; exit 1; }

worker() { LOTSE_RUN_ID=uid/$1 LOTSE_WORKERS=3 JOB_COMPLETION_INDEX=$2 "${infer[@]}" --output "$1" --save "$1-saved"; }
export -f worker
# Three at once, each killed at moments of its own and started again.
(
  python3 - "$(command -v lotse-runner)" "${infer[@]:1}" --output killed --save killed-saved <<'P'
import os, random, subprocess, sys, time
random.seed(7)
def start(index):
    return subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "LOTSE_RUN_ID": "uid/killed", "LOTSE_WORKERS": "3", "JOB_COMPLETION_INDEX": str(index)})
workers = {index: start(index) for index in range(3)}
kills = 0
while workers:
    time.sleep(random.uniform(0.1, 0.9))
    for index, worker in list(workers.items()):
        if kills < 9 and random.random() < 0.5:
            worker.kill()
            kills += 1
        if worker.poll() is None and kills < 9: continue
        said = worker.communicate()[1]
        if worker.returncode == 0: del workers[index]
        elif worker.returncode == -9: workers[index] = start(index)
        else: sys.exit(f"worker {index}: {worker.returncode}: {said}")
print(f"killed {kills} times")
P
)
whole killed
cmp killed/infer.jsonl alone/infer.jsonl || { echo "FAILED: not the file that one worker writes"; exit 1; }
[ "$(ls killed-saved | grep -c '\.png$')" = 24 ] || { echo "FAILED: annotated pictures"; exit 1; }
# One that comes once more finds all done, though the pictures are others by now.
touch -d yesterday "$pictures/zz.png"
expect 0 env LOTSE_RUN_ID=uid/killed LOTSE_WORKERS=3 JOB_COMPLETION_INDEX=1 "${infer[@]}" --output killed --save killed-saved
says out "killed/infer.jsonl is complete: 24 pictures"

# A picture that cannot be read has its line; who joins tells, and nobody else.
expect 0 worker bad 0
says out "share 1 of 3 is complete"
expect 0 worker bad 1
expect 2 worker bad 2
says err "1 of 25 pictures could not be read"
[ "$(lines bad/infer.jsonl)" = "25 1" ] || { echo "FAILED: lines"; exit 1; }
whole bad
expect 2 worker bad 0
says err "1 of 25 pictures could not be read"
rm "$pictures/zz.png"

# What changed since the run was begun is told.
expect 0 worker begun 0
infer+=(--conf 0.5)
expect 2 worker begun 1
says err "conf 0.0001 then, 0.5 now"
infer=("${infer[@]:0:${#infer[@]}-2}")

# Asked to stop: all that is done stays, and the same command goes on.
slow=("${infer[@]}" --batch 1 --imgsz 640 --output stopped)
"${slow[@]}" >out 2>err </dev/null &
runner=$!
for _ in $(seq 1000); do [ ! -s stopped/parts/part-00000.jsonl ] || break; sleep 0.02; done
kill -TERM $runner
code=0
wait $runner || code=$?
[ $code = 75 ] || { echo "FAILED: ended with $code"; cat out err; exit 1; }
says err "the same run goes on from there"
expect 0 "${slow[@]}"
[ "$(lines stopped/infer.jsonl)" = "24 0" ] || { echo "FAILED: lines"; exit 1; }

# The same by the command of users, on this machine.
export LOTSE_RUNNER
LOTSE_RUNNER=$(command -v lotse-runner)
expect 2 lotse infer --on local --name shared --workers 3 yolo26n "$pictures"
says err "--output: is needed with --workers"
expect 0 lotse infer --on local --name shared --workers 3 --cpu 1 --output shared yolo26n "$pictures" --imgsz 64 --conf 0.0001 \
  --max-det 5 --batch 4 --precision fp32
whole shared
[ "$(lines shared/infer.jsonl)" = "24 0" ] || { echo "FAILED: lines"; exit 1; }
expect 0 lotse delete shared --on local
