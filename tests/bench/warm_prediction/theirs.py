"""Times warm predictions of Ultralytics on one decoded picture: MODEL PICTURE WARMUP REPEATS THREADS; prints JSON.

THREADS 0: as many as it takes of itself, which is one less than there are cores.
"""
import json
import statistics
import sys
import time

import cv2
import torch
from ultralytics import YOLO

model, picture = YOLO(sys.argv[1], task="detect"), cv2.imread(sys.argv[2])
warmup, repeats, threads = map(int, sys.argv[3:6])
wall, processor = [], []
for number in range(-warmup, repeats):
    if threads and number == 1 - warmup:
        torch.set_num_threads(threads)  # after the first, which sets its own
    start, used = time.perf_counter(), time.process_time()
    model.predict(picture, imgsz=640, nms=False, device="cpu", verbose=False)
    if number >= 0:
        wall.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - used))
print(json.dumps({"median_ms": statistics.median(wall), "processor_ms": statistics.median(processor),
                  "threads": torch.get_num_threads()}))
