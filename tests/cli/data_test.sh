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
touch set/labels/train/lost.txt
head -1 set/labels/train/000000.txt >>set/labels/train/000000.txt
sed -i 's/3: star/3: circle/' set/data.yaml
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
says out '1 label files have no picture; the first: '
says out 'labels that repeat another one of their picture, which count once: 1; the first: '
says out 'set/labels/train/000000.txt:2'
says out 'classes 0 and 3 are both called circle, and stay two'
says out 'with --skip-bad it goes on without 1 label rows, 1 pictures and 0 entries of lists.'
expect 1 lotse-runner dataset check set/data.yaml -o json
python3 - <<'P'
import json
events = [json.loads(line) for line in open("out")]
found = [event for event in events if event["event"] == "finding"]
assert sorted(one["left_out"] for one in found) == ["picture", "row"], found
assert all(one["where"] and one["where"] not in one["problem"] for one in found), found
assert any(one["where"].endswith("images/train/000002.png") for one in found), found
result = events[-1]
assert result["findings"] == 2 and result["train"]["pictures"] == 2 and result["val"]["pictures"] == 1, result
assert sum(one["objects"] for one in result["val"]["classes"]) == result["val"]["objects"]
P
lotse-runner dataset shapes clean --imgsz 32 --train-images 3 --val-images 3 >/dev/null
expect 0 lotse-runner dataset check clean/data.yaml
grep -Eq '^val: 3 pictures, [0-9]+ objects: [0-9]+ circle, [0-9]+ square, ' out ||
  { echo "FAILED: no objects by class"; cat out; exit 1; }
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

# Sides beyond the limit, of every mode that takes one.
for mode in 'infer yolo26n half.png' 'serve yolo26n' 'export yolo26n' 'bench yolo26n' 'train --data set/data.yaml' \
  'dataset shapes other'; do
  expect 2 lotse-runner $mode --imgsz 100000
  says err 'imgsz: must be at most 8192, is 100000'
done
expect 2 lotse infer --on local yolo26n half.png --imgsz 100000
says err 8192
