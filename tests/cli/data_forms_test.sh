# needs: runner
# A data set in each form that people have: checked, trained on as it is, converted, parted.

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
says err "its category_id 3 is no category's"
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

# The same without converting: COCO's own folders, found by name. Broken files are told, then left out.
mkdir -p coco/annotations
for part in train val; do
  cp -r drawn/images/$part coco/${part}2017
  cp $part.json coco/annotations/instances_${part}2017.json
done
echo '{}' >coco/annotations/captions_train2017.json
head -c 60 coco/train2017/000004.png >half && mv half coco/train2017/000004.png
expect 1 lotse-runner dataset check coco
says out "its category_id 3 is no category's (--skip-bad: without this row)"
says out 'lost.png (--skip-bad: without this picture)'
says out '000004.png: '
says out 'its pictures are taken from '
says out 'with --skip-bad it goes on without 1 label rows, 2 pictures and 0 entries of lists.'
# A category that is missing: each of its rows is told, and at the end how many they were.
python3 - <<'P'
import json
coco = json.load(open("train.json"))
coco["annotations"] += [{"id": 1000 + i, "image_id": i % 6, "category_id": 4, "bbox": [0, 0, 9, 9]} for i in range(12)]
json.dump(coco, open("coco/annotations/instances_train2017.json", "w"))
P
expect 1 lotse-runner dataset check coco
[ "$(grep -c 'its category_id 4 is no category.s (--skip-bad' out)" = 12 ]
says out "12 times: its category_id 4 is no category's"
cp train.json coco/annotations/instances_train2017.json
small=(--imgsz 32 --batch 2 --epochs 1 --device cpu --threads 1)
expect 2 lotse-runner train --data coco "${small[@]}" --output coco-run
says err 'instances_train2017.json: images[6]: there is no picture '
expect 2 lotse-runner train --data coco "${small[@]}" --output coco-run --cache-folder kept
says err '--cache-folder: has no effect without --cache disk'
for cache in no ram disk disk; do
  folder=()
  [ $cache != disk ] || folder=(--cache-folder kept)
  expect 0 lotse-runner train --data coco/annotations/instances_train2017.json "${small[@]}" --output coco-run-$cache \
    --skip-bad --cache $cache "${folder[@]}" --overwrite
  says out ' waiting for data)'
done
says out 'on disk in kept'
cmp coco-run-no/last.safetensors coco-run-ram/last.safetensors
cmp coco-run-no/last.safetensors coco-run-disk/last.safetensors
[ "$(find kept -name '*.rgb' | wc -l)" = 7 ] || { echo "FAILED: not every picture is kept on disk once"; exit 1; }
expect 2 lotse-runner train --data coco "${small[@]}" --cache disk --output other
says err 'disk needs --cache-folder'
val=(lotse-runner val coco-run-no/best.safetensors --data coco/annotations/instances_val2017.json --imgsz 32 --device cpu)
expect 0 "${val[@]}"
# Beside the model before: no worse than one that learned the same.
expect 0 "${val[@]}" --not-below coco-run-ram/best.safetensors
says out 'Good enough: map50_95 is '
says out '(--not-below coco-run-ram/best.safetensors)'

# NDJSON, a picture a line: checked, trained on, converted to what COCO's JSON was converted to.
python3 - <<'P'
import json
with open("drawn/set.ndjson", "w") as out:
    names = {str(i): "kind %d" % i for i in range(4)}
    out.write(json.dumps({"type": "dataset", "task": "detect", "class_names": names}) + "\n")
    for part, count in ("train", 6), ("val", 2):
        for i in range(count):
            rows = [[float(n) for n in line.split()] for line in open("drawn/labels/%s/%06d.txt" % (part, i))]
            out.write(json.dumps({"type": "image", "file": "%06d.png" % i, "split": part,
                                  "annotations": {"boxes": [[int(row[0])] + row[1:] for row in rows]}}) + "\n")
P
expect 0 lotse-runner dataset check drawn/set.ndjson
expect 0 lotse-runner train --data drawn/set.ndjson "${small[@]}" --output lines-run
expect 0 lotse-runner dataset convert lines --data drawn/set.ndjson
expect 0 lotse-runner dataset check lines
[ "$(cat lines/labels/train/*.txt | wc -l)" = "$(cat drawn/labels/train/*.txt | wc -l)" ] ||
  { echo "FAILED: objects are lost"; exit 1; }
echo '{"type": "image", "file": "gone.png", "url": "https://x/gone.png"}' >>drawn/set.ndjson
expect 1 lotse-runner dataset check drawn/set.ndjson
says out 'set.ndjson:10: there is no picture '
says out 'its url is not followed'

# Parted anew: lists and a data.yaml, nothing copied, nothing written over.
lotse-runner dataset shapes whole --imgsz 32 --train-images 20 --val-images 5 >/dev/null
expect 0 lotse-runner dataset split whole/parts --data whole --val 0.2 --test 0.2 --seed 3
says out 'Pictures with an object of the class'
[ "$(cat whole/parts/*.txt | sort -u | wc -l)" = 25 ] || { echo "FAILED: a picture is lost or twice"; exit 1; }
cp whole/parts/val.txt before
expect 2 lotse-runner dataset split whole/parts --data whole
says err 'is there already'
expect 0 lotse-runner dataset split whole/parts --data whole --val 0.2 --test 0.2 --seed 3 --overwrite -o json
cmp before whole/parts/val.txt
expect 0 lotse-runner dataset check whole/parts
says out 'test: 5 pictures'
expect 0 lotse-runner train --data whole/parts/data.yaml "${small[@]}" --output parts-run
expect 2 lotse-runner dataset split elsewhere --data coco --skip-bad
says err 'has all labels in one file'
expect 2 lotse-runner dataset split elsewhere --data whole --group-by folder --val 0.1 --test 0.1
says err 'would have no picture'
[ ! -e elsewhere ] || { echo "FAILED: a refused split left something"; exit 1; }
