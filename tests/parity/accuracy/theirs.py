"""Trains the oracle from scratch: theirs.py OPTIONS DEVICE DATA WEIGHTS FOLDER; OPTIONS as JSON, by our names."""
import json
import os
import shutil
import sys

from ultralytics import YOLO
from ultralytics.engine.trainer import BaseTrainer

# It reads its own table of results with polars, which a rented machine lacks.
BaseTrainer.read_results_csv = lambda trainer: {}

options = json.loads(sys.argv[1])
device, data, weights, folder = sys.argv[2:6]
renamed = {"nominal_batch": "nbs", "cosine": "cos_lr"}
rules = {"musgd": "MuSGD", "adamw": "AdamW", "sgd": "SGD"}
settings = {renamed.get(name, name): value for name, value in options.items() if name != "model"}
settings["optimizer"] = rules[settings["optimizer"]]
if settings["optimizer"] == "AdamW":
    settings["warmup_bias_lr"] = 0.0
if settings.get("auto_augment") == "none":
    settings["auto_augment"] = None
model = YOLO(f"{options['model']}.yaml")
name = f"theirs-{options['model']}"
model.train(data=os.path.abspath(data), project=os.path.abspath(folder), name=name, exist_ok=True,
            device=0 if device == "cuda" else device, workers=0, cache="ram", plots=False, pretrained=False, verbose=False, amp=False, val=False,
            **settings)
shutil.copy(model.trainer.last, weights)
