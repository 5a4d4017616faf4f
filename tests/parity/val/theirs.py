"""The oracle: `train DATA WEIGHTS` from scratch for a few epochs, or `val DATA WEIGHTS HEAD OUT`: mAP and detections."""
import json
import os
import pathlib
import shutil
import sys

from ultralytics import YOLO

mode, data, weights = sys.argv[1:4]
common = {"data": os.path.abspath(data), "imgsz": 160, "device": "cpu", "workers": 0, "plots": False,
          "project": os.path.abspath("theirs"), "exist_ok": True}
if mode == "train":
    YOLO("yolo26n.yaml").train(epochs=12, batch=16, seed=0, pretrained=False, cache="ram", name="train", **common)
    shutil.copy("theirs/train/weights/best.pt", weights)
else:
    head, out = sys.argv[4:6]
    nms = {"nms": False} if head == "o2o" else {}
    found = YOLO(weights).val(batch=16, save_json=True, name=head, **common, **nms)
    detections = json.loads((pathlib.Path("theirs") / head / "predictions.json").read_text())
    with open(out, "w") as file:
        json.dump({"map50": found.box.map50, "map75": found.box.map75, "map50_95": found.box.map,
                   "precision": found.box.mp, "recall": found.box.mr, "detections": detections}, file)
