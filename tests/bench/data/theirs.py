"""The reference's loading of training pictures, one after the other on one core: theirs.py DATA SIDE CACHE SECONDS [MOSAIC].

Prints the same JSON as load.cpp. The reference is called and not read (tests/parity/README.md).
"""
import contextlib
import json
import resource
import sys
import time

import cv2
import torch

with contextlib.redirect_stdout(sys.stderr):
    from ultralytics.cfg import get_cfg
    from ultralytics.data.build import build_yolo_dataset
    from ultralytics.data.utils import check_det_dataset

    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    file, side, cache, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    mosaic = float(sys.argv[5]) if len(sys.argv) > 5 else 1.0
    settings = get_cfg(overrides={"task": "detect", "imgsz": side, "cache": cache == "ram" and "ram", "mosaic": mosaic,
                                  "workers": 0})
    data = check_det_dataset(file, autodownload=False)
    pictures = build_yolo_dataset(settings, data["train"], 16, data, mode="train", rect=False, stride=32)
    made, began, wall = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - wall < seconds:
        order = torch.randperm(len(pictures)).tolist()
        for at in range(0, len(order), 16):
            batch = pictures.collate_fn([pictures[i] for i in order[at:at + 16]])
            made += batch["img"].shape[0]
            if time.perf_counter() - wall >= seconds:
                break
    processor, taken = time.process_time() - began, time.perf_counter() - wall
print(json.dumps({"per_core": round(made / processor, 2), "per_second": round(made / taken, 2),
                  "mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3), "pictures": len(pictures)}))
