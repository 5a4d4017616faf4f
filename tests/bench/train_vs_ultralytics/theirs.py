"""Trains Ultralytics' detector from scratch as a run configuration says; writes theirs.json."""
import json
import os
import sys
import time

from ultralytics import YOLO

configuration, data, output = sys.argv[1:4]
with open(configuration) as file:
    ours = json.load(file)["options"]

same = {"imgsz": "imgsz", "batch": "batch", "nominal_batch": "nbs", "epochs": "epochs", "lr0": "lr0", "lrf": "lrf",
        "momentum": "momentum", "weight_decay": "weight_decay", "warmup_epochs": "warmup_epochs", "mosaic": "mosaic",
        "close_mosaic": "close_mosaic", "scale": "scale", "translate": "translate", "hsv_h": "hsv_h",
        "hsv_s": "hsv_s", "hsv_v": "hsv_v", "fliplr": "fliplr", "cosine": "cos_lr",
        **{name: name for name in ("flipud", "bgr", "mixup", "cutmix", "copy_paste", "degrees", "shear", "perspective",
                                   "multi_scale", "warmup_momentum", "box", "cls", "dfl", "cls_pw", "freeze")}}
settings = {theirs: ours[name] for name, theirs in same.items() if name in ours}
optimizers = {"auto": "auto", "musgd": "MuSGD", "sgd": "SGD", "adamw": "AdamW"}
settings["optimizer"] = optimizers[ours.get("optimizer", "auto")]

epochs = []
model = YOLO(f"{ours['model']}.yaml")
start = time.time()


def note(trainer):
    values = {key: float(value) for key, value in trainer.metrics.items()}
    epochs.append({"epoch": trainer.epoch + 1, "seconds": time.time() - start,
                   "map50": values.get("metrics/mAP50(B)", 0.0), "map50_95": values.get("metrics/mAP50-95(B)", 0.0)})


model.add_callback("on_fit_epoch_end", note)
model.train(data=os.path.abspath(data), project=os.path.abspath(output), name="run", exist_ok=True, device="cpu",
            workers=0, cache="ram", plots=False, pretrained=False, seed=ours.get("seed", 0), warmup_bias_lr=0.0,
            verbose=False, erasing=0.0, auto_augment=None, **settings)
with open("theirs.json", "w") as file:
    json.dump(epochs, file)
