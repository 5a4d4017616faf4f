# needs: runner
# A user's data set and the runner: nothing of it is lost, what is read and what is left out is said.

# A data set that is not ours is not written over; one of ours is, also after a run that was killed.
mkdir -p mine/images/train mine/labels/train
echo 'train: images/train' >mine/data.yaml
echo precious >mine/images/train/000000.png
expect 2 lotse-runner dataset shapes mine --imgsz 32 --train-images 1 --val-images 1
says err "mine: holds other things: '"
says err "Name a new or empty folder."
[ "$(cat mine/images/train/000000.png)" = precious ] || { echo "FAILED: the user's picture is gone"; exit 1; }
lotse-runner dataset shapes set --imgsz 64 --train-images 100000 >/dev/null 2>&1 &
until [ -e set/images/train/000002.png ]; do sleep 0.05; done
kill -9 $!
wait $! 2>/dev/null || true
[ ! -e set/data.yaml ] || { echo "FAILED: half a data set has a data.yaml"; exit 1; }
expect 0 lotse-runner dataset shapes set --imgsz 32 --train-images 3 --val-images 1
[ "$(find set -name '*.png' | wc -l)" = 4 ] || { echo "FAILED: pictures of the killed run are left"; exit 1; }

# What is wrong is named; --skip-bad goes on without it and counts. Control characters stay off the terminal.
mv set/images/train/000001.png $'set/images/train/a\n\033[31m.png'
mv set/labels/train/000001.txt $'set/labels/train/a\n\033[31m.txt'
echo '9 0.5 0.5 0.5 0.5' >>$'set/labels/train/a\n\033[31m.txt'
head -c 100 set/images/train/000002.png >half && mv half set/images/train/000002.png
touch set/images/train/x.heic set/images/train/._000000.png
train=(lotse-runner train --data set/data.yaml --imgsz 32 --batch 2 --epochs 1 --device cpu --threads 1)
expect 2 "${train[@]}"
says err 'labels/train/a\n\x1b[31m.txt:'
says err ': class 9 is none of 0 to 3'
# All of them at once, and what training would do.
expect 1 lotse-runner dataset check set/data.yaml
says out 'labels/train/a\n\x1b[31m.txt:'
says out '000002.png: '
says out 'with --skip-bad it goes on without 1 label rows, 1 pictures and 0 entries of lists.'
expect 1 lotse-runner dataset check set/data.yaml -o json
python3 - <<'P'
import json
events = [json.loads(line) for line in open("out")]
found = [event for event in events if event["event"] == "finding"]
assert sorted(one["left_out"] for one in found) == ["picture", "row"], found
result = events[-1]
assert result["findings"] == 2 and result["train"]["pictures"] == 2 and result["val"]["pictures"] == 1, result
assert sum(one["objects"] for one in result["val"]["classes"]) == result["val"]["objects"]
P
lotse-runner dataset shapes clean --imgsz 32 --train-images 3 --val-images 3 >/dev/null
expect 0 lotse-runner dataset check clean/data.yaml
says out 'Nothing is wrong with it.'
sed -i 's|val: images/val|val: images/train|' clean/data.yaml
expect 0 lotse-runner dataset check clean/data.yaml
says out '3 pictures are in train and in val'
sed -i 's/^train:.*/train: nowhere/' clean/data.yaml
expect 2 lotse-runner dataset check clean/data.yaml
says err 'nowhere: there is no such folder or list'
expect 0 "${train[@]}" --skip-bad
says out 'train: left out what is no picture (JPEG, PNG, WebP, BMP, TIFF) by its name: 1 .heic'
says out 'train: 2 pictures, '
says out '--skip-bad left out 1 label rows, 1 pictures and 0 entries of lists; the first: '
[ "$(tr -d '\n -~' <out | tr -d '\200-\377' | wc -c)" = 0 ] || { echo "FAILED: control characters:"; cat -v out; exit 1; }

# A data set in COCO's form, as a stranger brings it: what is wrong is named, then left out; then it trains.
lotse-runner dataset shapes drawn --imgsz 32 --train-images 6 --val-images 2 >/dev/null
python3 - <<'P'
import json
for part, count in ("train", 6), ("val", 2):
    coco = {"categories": [{"id": 10 + i, "name": "kind %d" % i} for i in range(4)], "images": [], "annotations": []}
    for i in range(count):
        coco["images"].append({"id": i, "file_name": "%06d.png" % i, "width": 32, "height": 32})
        for line in open("drawn/labels/%s/%06d.txt" % (part, i)):
            kind, x, y, w, h = map(float, line.split())
            coco["annotations"].append({"id": len(coco["annotations"]), "image_id": i, "category_id": 10 + int(kind),
                                        "bbox": [(x - w / 2) * 32, (y - h / 2) * 32, w * 32, h * 32], "iscrowd": 0})
    if part == "train":
        coco["annotations"].append({"id": 999, "image_id": 0, "category_id": 3, "bbox": [0, 0, 9, 9]})
        coco["images"].append({"id": 77, "file_name": "lost.png", "width": 32, "height": 32})
    json.dump(coco, open(part + ".json", "w"))
P
convert=(lotse-runner dataset convert --train train.json --train-images drawn/images/train
  --val val.json --val-images drawn/images/val)
expect 2 "${convert[@]}" pets
says err "its category_id is no category's"
says err 'there is no picture drawn/images/train/lost.png'
[ ! -e pets ] || { echo "FAILED: a refused conversion left something"; exit 1; }
expect 0 "${convert[@]}" pets --skip-bad
says out '--skip-bad left out 1 label rows, 1 pictures and 0 entries of lists; the first: '
expect 2 "${convert[@]}" pets --skip-bad
says err 'pets: is there already'
expect 0 lotse-runner dataset check pets/data.yaml
for part in train val; do
  python3 - $part <<'P'
import glob, sys
part = sys.argv[1]
for made in glob.glob("pets/labels/%s/*.txt" % part):
    rows = [sorted(tuple(round(float(n), 5) for n in line.split()) for line in open(path))
            for path in (made, made.replace("pets", "drawn"))]
    assert rows[0] == rows[1], rows
P
done
expect 0 lotse-runner train --data pets/data.yaml --imgsz 32 --batch 2 --epochs 1 --device cpu --threads 1 --output pets-run

# Sides beyond the limit, of every mode that takes one.
for mode in 'infer yolo26n half.png' 'serve yolo26n' 'export yolo26n' 'bench yolo26n' 'train --data set/data.yaml' \
  'dataset shapes other'; do
  expect 2 lotse-runner $mode --imgsz 100000
  says err 'imgsz: must be at most 8192, is 100000'
done
expect 2 lotse infer --on local yolo26n half.png --imgsz 100000
says err 8192
