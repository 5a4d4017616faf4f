"""What pycocotools makes of the oracle's detections: `coco.py DATASET OURS THEIRS`; adds "coco" to the file THEIRS, and
"crowds" for the same objects of which every fourth marks a crowd, larger than it is. These lie in DATASET/crowds.yaml,
with the class names of OURS."""
import json
import pathlib
import struct
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

folder, path = pathlib.Path(sys.argv[1]), sys.argv[3]
theirs = json.loads(pathlib.Path(path).read_text())
names = [one["name"] for one in json.loads(pathlib.Path(sys.argv[2]).read_text().splitlines()[-1])["classes"]]


def size(picture):
    return struct.unpack(">II", picture.read_bytes()[16:24])  # PNG's IHDR


truth = {"images": [], "annotations": [], "categories": [{"id": i, "name": name} for i, name in enumerate(names)]}
numbers = {}
for number, picture in enumerate(sorted((folder / "images/val").glob("*.png")), 1):
    width, height = size(picture)
    numbers[picture.stem] = number
    truth["images"].append({"id": number, "file_name": picture.name, "width": width, "height": height})
    for line in (folder / "labels/val" / (picture.stem + ".txt")).read_text().splitlines():
        kind, x, y, w, h = line.split()
        w, h = float(w) * width, float(h) * height
        truth["annotations"].append({"id": len(truth["annotations"]) + 1, "image_id": number, "category_id": int(kind),
                                     "bbox": [float(x) * width - w / 2, float(y) * height - h / 2, w, h],
                                     "area": w * h, "iscrowd": 0})
first = min(one["category_id"] for one in theirs["detections"])
found = [{"image_id": numbers[str(one.get("file_name", one["image_id"])).split(".")[0].zfill(6)],
          "category_id": one["category_id"] - first, "bbox": one["bbox"], "score": one["score"]}
         for one in theirs["detections"]]


def judged():
    known = COCO()
    known.dataset = truth
    known.createIndex()
    judge = COCOeval(known, known.loadRes([dict(one) for one in found]), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return {"coco_map50_95": float(judge.stats[0]), "coco_map50": float(judge.stats[1])}


def into_crowd(one):
    x, y, w, h = one["bbox"]
    one.update(bbox=[x - w / 2, y - h / 2, 2 * w, 2 * h], area=4 * w * h, iscrowd=1)


theirs["coco"] = judged()
for one in truth["annotations"][::4]:
    into_crowd(one)
theirs["crowds"] = judged()
(folder / "crowds.json").write_text(json.dumps(truth))
(folder / "crowds.yaml").write_text("val: {annotations: crowds.json, images: images/val}\nnames: %s\n" % json.dumps(names))
pathlib.Path(path).write_text(json.dumps(theirs))
