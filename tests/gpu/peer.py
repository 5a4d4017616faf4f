"""peer.py SETTINGS: Ultralytics' training and predictions on the same card as ours; prints a figure a line, as JSON."""
import json
import statistics
import sys
import time

import numpy
import torch
from ultralytics import YOLO
from ultralytics.engine.trainer import BaseTrainer

# It reads its own table of results with polars, 45 MB that need not be carried here.
BaseTrainer.read_results_csv = lambda trainer: {}

settings = json.loads(sys.argv[1])
device, cuda = settings["device"], settings["device"] != "cpu"
precision = "fp16" if settings["half"] else "fp32"


def tell(figure, value, unit):
    print(json.dumps({"figure": figure, "value": value, "unit": unit}), flush=True)


def time_prediction(batch):
    model = YOLO("yolo26n.yaml", task="detect")
    pictures = [numpy.full((480, 640, 3), 114, numpy.uint8)] * batch
    took = []
    for number in range(-5, 50 if cuda else 5):
        start = time.perf_counter()
        model.predict(pictures, imgsz=settings["imgsz"], device=device, half=settings["half"], nms=False, verbose=False)
        if cuda:
            torch.cuda.synchronize()
        if number >= 0:
            took.append(1000 * (time.perf_counter() - start))
    tell(f"prediction, 26n, batch {batch}, {precision}", statistics.median(took), "ms")


def time_training():
    starts, took = [], []
    model = YOLO("yolo26n.yaml")
    model.save("yolo26n.pt")  # its own trial of AMP wants a file of this name and has no network to fetch one
    model.add_callback("on_train_epoch_start", lambda trainer: starts.append(time.perf_counter()))
    model.add_callback("on_train_epoch_end", lambda trainer: took.append(time.perf_counter() - starts[-1]))
    model.train(data=settings["data"], imgsz=settings["imgsz"], batch=settings["batch"], epochs=settings["epochs"],
                device=device, amp=cuda, cache="ram", workers=8 if cuda else 0, plots=False, val=False,
                pretrained=False, project="theirs", verbose=False)
    seconds = statistics.median(took[1:])  # the first epoch warms up
    kind = "AMP" if cuda else "fp32"
    tell(f"training, 26n, {settings['imgsz']} px, batch {settings['batch']}, {kind}", settings["pictures"] / seconds,
         "images/s")


time_prediction(1)
time_prediction(32)
time_training()
