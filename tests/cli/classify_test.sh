# needs: runner
# Classifiers, the way of a new user: a folder a class, train, val with the gate, export, infer, serve.
lotse-runner dataset shapes shapes --layout classes --imgsz 32 --train-images 8 --val-images 2 >out
says out "objects: shapes"
[ -d shapes/train/star ] && [ ! -e shapes/data.yaml ] || { echo "FAILED: no folder a class"; ls shapes; exit 1; }
python3 "$CHECKOUT/tests/cli/support/textures.py" set
expect 0 lotse-runner train --model yolo26n-cls --data set --imgsz 64 --epochs 18 --batch 16 --nominal-batch 16 \
  --warmup-epochs 1 --val-interval 6 --auto-augment none --erasing 0 --output trained
says out "train: 240 pictures, in memory (3 MB); val: 80 pictures, in memory (1 MB); 4 classes"
says out "Training yolo26n-cls (4 classes) on 240 pictures at 64 px"
says out "  top-1 "
python3 - <<'P'
import json
best = max((json.loads(line) for line in open("trained/results.jsonl") if "fitness" in line), key=lambda one: one["fitness"])
assert best["top1"] >= 0.9, best
assert abs(best["fitness"] - (best["top1"] + best["top5"]) / 2) < 1e-9, best
open("reached", "w").write(repr(best["top1"]))
P
reached=$(cat reached)

# The gate, of weights and of an exported file, which says what size it takes.
val=(lotse-runner val --data set)
expect 0 "${val[@]}" trained/best.safetensors --at-least "top1=$reached" --at-least top5=1
says out "CLASS "
says out "80 pictures; fitness"
expect 0 "${val[@]}" trained/best.safetensors -o json
tail -n 1 out >result
fits result val-result
python3 - "$reached" <<'P'
import json, sys
result = [json.loads(line) for line in open("out")][-1]
assert set(result["metrics"]) == {"top1", "top5", "fitness"}, result["metrics"]
assert result["metrics"]["top1"] == float(sys.argv[1]), result["metrics"]
assert [one["name"] for one in result["classes"]] == ["checks", "columns", "plain", "rows"], result["classes"]
assert sum(sum(row) for row in result["confusion"]) == 80 == result["pictures"]
P
expect 1 "${val[@]}" trained/best.safetensors --at-least top1=1.01
says err "is not good enough: top1 is "
expect 2 "${val[@]}" trained/best.safetensors --at-least map50=0.5
says err "there is no metric 'map50'"
says err "These are measured: top1, top5, fitness."
lotse-runner train --model yolo26n-cls --data set --imgsz 64 --epochs 1 --max-steps 1 --output untrained >/dev/null
# Other classes: what fits is taken, and counted.
expect 0 lotse-runner train --model trained/best.safetensors --data shapes --imgsz 32 --epochs 1 --max-steps 1 \
  --output other-classes
says out "tensors from trained/best.safetensors"
expect 0 "${val[@]}" trained/best.safetensors --not-below untrained/last.safetensors
expect 1 "${val[@]}" untrained/last.safetensors --not-below trained/best.safetensors --metric top1
head -c 1000 trained/best.safetensors >broken.safetensors
expect 2 "${val[@]}" trained/best.safetensors --not-below broken.safetensors
expect 2 "${val[@]}" yolo26n-cls
says err "yolo26n-cls: tells 1000 classes apart, set has 4"

expect 0 lotse-runner export trained/best.safetensors --output served.torchscript --batch 4
says out "4x3x64x64"
expect 0 "${val[@]}" served.torchscript --at-least "top1=$reached"

# The five likeliest, of weights and of the export alike; drawn into a copy.
picture=set/val/plain/000.png
expect 0 lotse-runner infer trained/best.safetensors "$picture" --save drawn
says out "64x64: plain "
cmp -s "$picture" "drawn/$(basename "$picture")" && { echo "FAILED: nothing was drawn"; exit 1; }
expect 0 lotse-runner infer trained/best.safetensors "$picture" -o json
python3 - <<'P'
import json
event = [one for one in map(json.loads, open("out")) if one["event"] == "classes"][0]
assert event["classes"][0]["name"] == "plain" and len(event["classes"]) == 4, event
assert abs(sum(one["confidence"] for one in event["classes"]) - 1) < 1e-3, event
json.dump(event["classes"], open("weights.json", "w"))
P
expect 0 lotse-runner infer served.torchscript "$picture" -o json
python3 - <<'P'
import json
event = [one for one in map(json.loads, open("out")) if one["event"] == "classes"][0]
for ours, theirs in zip(event["classes"], json.load(open("weights.json"))):
    assert ours["name"] == theirs["name"] and abs(ours["confidence"] - theirs["confidence"]) < 1e-3, (ours, theirs)
P

# The server: a picture, and the tensors of the Open Inference Protocol.
lotse-runner serve trained/best.safetensors --port 0 --host 127.0.0.1 -o json >served 2>&1 &
server=$!
until grep -q '"ready"' served 2>/dev/null; do kill -0 $server; sleep 0.1; done
url=$(python3 -c 'import json; print([json.loads(l) for l in open("served") if "\"ready\"" in l][0]["url"])')
curl -sS --fail --data-binary "@$picture" "$url/v1/classify" >answer
curl -sS --fail "$url/v2/models/model" >about
python3 - "$url" <<'P'
import json, sys, urllib.request
answer = json.load(open("answer"))
assert answer["width"] == 64 and answer["classes"][0]["name"] == "plain", answer
about = json.load(open("about"))
assert about["inputs"][0]["shape"] == [-1, 3, 64, 64], about
assert about["outputs"][0]["name"] == "probabilities" and about["outputs"][0]["shape"] == [-1, 4], about
body = {"inputs": [{"name": "images", "datatype": "FP32", "shape": [2, 3, 64, 64], "data": [0.5] * (2 * 3 * 64 * 64)}]}
request = urllib.request.Request(sys.argv[1] + "/v2/models/model/infer", json.dumps(body).encode())
output = json.load(urllib.request.urlopen(request))["outputs"][0]
assert output["shape"] == [2, 4] and abs(sum(output["data"]) - 2) < 1e-4, output
P
[ "$(curl -s -o /dev/null -w '%{http_code}' --data-binary "@$picture" "$url/v1/detect")" = 404 ]
kill $server
wait $server || true

# What is wrong with the data is told with its place; another family's option is refused by name.
mkdir set/train/empty && head -c 50 "$picture" >set/val/plain/broken.png
train=(lotse-runner train --model yolo26n-cls --data set --imgsz 64 --epochs 1 --max-steps 1 --output other)
expect 2 "${train[@]}"
says err "set/train/empty: a class without pictures"
expect 0 "${train[@]}" --skip-bad
says out "--skip-bad left out 0 label rows, 1 pictures and 1 entries of lists"
expect 2 "${train[@]}" --mosaic 0.5
says err "--mosaic: is an option of models for detect, and this one is for classify"
expect 2 lotse-runner train --data set --erasing 0.1
says err "--erasing: is an option of models for classify, and this one is for detect"
expect 2 "${train[@]}" --data set/val/plain/broken.png --output another
says err "broken.png: is a file; a classifier's data is a folder"

# The same is told by check, with its place; what was not parted yet is parted by links.
expect 1 lotse-runner dataset check set
says out "set/train/empty: a class without pictures"
says out "(--skip-bad: without this entry)"
says out "set/val/plain/broken.png: "
says out "val: 80 pictures: 20 checks, 20 columns, 20 plain, 20 rows"
says out "with --skip-bad it goes on without 0 label rows, 1 pictures and 1 entries of lists."
expect 2 lotse-runner dataset check set/train
says err "has no folder 'train'"
for refused in 'dataset check set/train/plain' 'train --data set --epochs 1 --output boxes'; do
  expect 2 lotse-runner $refused
  says err "A folder a class is what classifiers learn: --model yolo26n-cls."
done
expect 2 lotse-runner dataset split parted --data set/train
says err "set/train/empty: a class without pictures"
expect 0 lotse-runner dataset split parted --data set/train --skip-bad --val 0.25
grep -Eq '^columns +45 +15$' out || { echo "FAILED: not a quarter of each class"; cat out; exit 1; }
expect 2 lotse-runner dataset split parted --data set/train --skip-bad
says err "parted: is there already"
expect 2 lotse-runner dataset split parted --data set/train --skip-bad --overwrite
says err "--overwrite: is for lists of pictures"
expect 0 lotse-runner dataset check parted -o json
python3 - <<'P'
import json
result = [json.loads(line) for line in open("out")][-1]
assert result["findings"] == 0 and result["train"]["pictures"] == 180, result
assert {"name": "rows", "pictures": 15} in result["val"]["classes"], result
P
expect 0 lotse-runner train --model yolo26n-cls --data parted --imgsz 64 --epochs 1 --max-steps 1 --output parts

# The same as a workload, which `lotse` refuses before anything is started.
expect 2 lotse train --on local --name shapes --model yolo26n-cls --data set --mosaic 1 --output local
says err "--mosaic: is an option of models for detect, and this one is for classify"
rm -r set/train/empty set/val/plain/broken.png
expect 0 lotse train --on local --name shapes --model yolo26n-cls --data set --imgsz 64 --epochs 1 --output local
says out "top-1 "
[ -e local/best.safetensors ] || { echo "FAILED: no weights"; ls local; exit 1; }
