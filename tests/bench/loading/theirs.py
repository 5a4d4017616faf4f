"""How long the oracle takes on one core to make a training picture: theirs.py DATA.YAML SIDE PICTURES."""
import os
import sys
import time

import cv2
import torch
from ultralytics.cfg import get_cfg
from ultralytics.data.build import build_yolo_dataset
from ultralytics.data.utils import check_det_dataset

data, side, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
cv2.setNumThreads(1)


def milliseconds(**settings):
    read = check_det_dataset(data)
    configuration = get_cfg(overrides={"imgsz": side, "cache": "ram", "task": "detect", "mode": "train", **settings})
    pictures = build_yolo_dataset(configuration, read["train"], 16, read, mode="train")
    for i in range(16):
        pictures[i]
    start = time.process_time()
    for i in range(count):
        pictures[i % len(pictures)]
    return (time.process_time() - start) * 1000 / count


standard = milliseconds()
everything = milliseconds(mixup=0.5, cutmix=0.5, flipud=0.5, bgr=0.5, degrees=10.0, shear=2.0, perspective=0.0005)
print(f"{standard:.2f} {everything:.2f}")
