"""Writes MODEL: a yolo26n that finds about 20 objects in one picture, saved as Ultralytics saves its own; prints the
picture's path. Weights come from a hash, the last convolutions of the classes are scaled and shifted so that scores
differ. Runs in the oracle's Python; both sides read the file.
"""
import math
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "parity"))
from filled import build
from ultralytics import YOLO
from ultralytics.utils import ASSETS

FOUND, THRESHOLD = 20, 0.25
picture = ASSETS / "bus.jpg"
model = build("yolo26n")
last_of_classes = [branch[-1] for branch in model.model[-1].one2one_cv3]


def save():
    model.args = {}
    torch.save({"model": model, "ema": None, "epoch": -1, "train_args": {}}, sys.argv[1])


def found():
    save()
    arguments = {"imgsz": 640, "nms": False, "device": "cpu", "verbose": False}
    return YOLO(sys.argv[1]).predict(picture, conf=0.0, **arguments)[0].boxes.conf.double()


def spread_scores():
    def scale(convolution, _, logits):
        spread = logits.std()
        convolution.weight /= spread
        convolution.bias /= spread

    hooks = [convolution.register_forward_hook(scale) for convolution in last_of_classes]
    with torch.no_grad():
        model(torch.rand(1, 3, 640, 480, generator=torch.Generator().manual_seed(0)))
    for hook in hooks:
        hook.remove()


with torch.no_grad():
    spread_scores()
    shift = math.log(THRESHOLD / (1 - THRESHOLD)) - torch.logit(found()[FOUND - 1]).item()
    for convolution in last_of_classes:
        convolution.bias += shift + 1e-3
save()
print(picture)
