# needs: runner
# `val`: measures weights and exported files alike, and answers a CI job's question with its exit code.
lotse-runner dataset shapes shapes --imgsz 64 --train-images 400 --val-images 24 --seed 2 >/dev/null
expect 0 lotse-runner train --data shapes/data.yaml --imgsz 64 --batch 8 --epochs 6 --output trained --warmup-epochs 1 \
  --val-interval 6 --nominal-batch 8
val=(lotse-runner val --data shapes/data.yaml --imgsz 64)
expect 0 "${val[@]}" trained/best.safetensors
says out "CLASS "
says out "24 pictures; precision and recall at confidence"
expect 0 "${val[@]}" trained/best.safetensors -o json
tail -n 1 out >result
fits result val-result
python3 - <<'P'
import json
events = [json.loads(line) for line in open("out")]
result = events[-1]
assert result["event"] == "result" and result["pictures"] == 24, result
metrics = result["metrics"]
assert set(metrics) == {"map50", "map75", "map50_95", "precision", "recall", "coco_map50", "coco_map50_95"}, metrics
assert all(0 <= value <= 1 for value in metrics.values()), metrics
assert [one["name"] for one in result["classes"]] == ["circle", "square", "triangle", "star"], result["classes"]
assert sum(one["objects"] for one in result["classes"]) == result["objects"]
assert len(result["confusion"]) == 5 and all(len(row) == 5 for row in result["confusion"])
trained = [json.loads(line) for line in open("trained/results.jsonl")][-1]
# Training validates without the reference's margin around the pictures.
assert abs(metrics["map50"] - trained["map50"]) < 0.15, (metrics, trained)
open("reached", "w").write(repr(metrics["map50"]))
P
reached=$(cat reached)

# An exported file takes squares; what it finds is the same.
expect 0 lotse-runner export trained/best.safetensors --imgsz 64 --batch 8 --output served.torchscript
expect 0 "${val[@]}" served.torchscript -o json
python3 - "$reached" <<'P'
import json, sys
metrics = json.loads(open("out").readlines()[-1])["metrics"]
assert abs(metrics["map50"] - float(sys.argv[1])) < 0.15, metrics
P

expect 2 lotse-runner val --data shapes/data.yaml served.torchscript --imgsz 128
says err "served.torchscript: takes pictures of 64 px, not 128"

# The gate: a better model 0, a worse one 1, what cannot be asked 2 before anything is loaded.
expect 0 "${val[@]}" trained/best.safetensors --at-least "map50=$reached" --at-least recall=0
expect 1 "${val[@]}" trained/best.safetensors --at-least map50=0.9999 --at-least recall=0
says err "is not good enough: map50 is "
says err "below 0.9999 (--at-least map50=0.9999)"
expect 2 "${val[@]}" trained/best.safetensors --at-least map=0.5
says err "there is no metric 'map'"
says err "These are measured: map50, map75, precision, recall, coco_map50, coco_map50_95, map50_95."
lotse-runner train --data shapes/data.yaml --imgsz 64 --batch 16 --epochs 1 --max-steps 1 --output untrained >/dev/null
expect 0 "${val[@]}" trained/best.safetensors --not-below untrained/last.safetensors
says out "Good enough: map50_95 is 0."
says out "(--not-below untrained/last.safetensors)"
expect 0 "${val[@]}" trained/best.safetensors --not-below untrained/last.safetensors -o json
tail -n 1 out >result
fits result val-result
says result '"compared":{"metrics":{'
expect 1 "${val[@]}" untrained/last.safetensors --not-below trained/best.safetensors
says err "(--not-below trained/best.safetensors)"
expect 0 "${val[@]}" untrained/last.safetensors --not-below trained/best.safetensors --by 1 --metric map50
for command in "${val[*]}" "lotse val --on local --data shapes/data.yaml"; do
  expect 2 $command trained/best.safetensors --metric map50 --by 0.01
  says err "--metric: has no effect without --not-below"
  says err "--by: has no effect without --not-below"
done
head -c 1000 trained/best.safetensors >broken.safetensors
expect 2 "${val[@]}" trained/best.safetensors --not-below broken.safetensors
says err "broken.safetensors"
expect 2 "${val[@]}" yolo26n
says err "yolo26n: tells 80 classes apart, shapes/data.yaml has 4"
expect 2 "${val[@]}" missing.safetensors
says err "missing.safetensors"

# The same as a workload: its exit code is the model's, and a model that is not good enough is not tried again.
expect 0 lotse val trained/best.safetensors --data shapes/data.yaml --imgsz 64 --on local --name good
says out "CLASS "
expect 1 lotse val trained/best.safetensors --data shapes/data.yaml --imgsz 64 --on local --name poor --at-least map50=0.9999
expect 1 lotse wait poor --on local
expect 0 lotse status poor --on local -o json
python3 -c 'import json; pods = json.load(open("out"))["pods"]; assert len(pods) == 1, pods'
