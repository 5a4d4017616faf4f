"""Trains the oracle's three classifiers for a few epochs on six textures in pictures of many sizes, and has ours take
the .pt that come of it: `classes.py RUNNER FOLDER`. Exits 1 unless

- `val` has their top-1 and top-5, of the weights and of what `export` makes of them;
- `infer` says their probabilities, and so does the exported file in their own torch, within 1e-4.
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
import torch
from PIL import Image
from ultralytics import YOLO

sys.path.append(str(pathlib.Path(__file__).parents[1] / "accuracy"))
import textures

SIDE, SIZES = 64, [(64, 64), (150, 90), (90, 133), (61, 70), (64, 200)]


def draw(folder):
    """Every fifth picture has the size that the network takes."""
    textures.main(folder, {"train": 60, "val": 40})
    for number, file in enumerate(sorted(folder.glob("*/*/*.png"))):
        picture = Image.open(file)
        picture.resize(SIZES[number % len(SIZES)]).save(file)


def ask(runner, *words):
    lines = subprocess.run([runner, *map(str, words), "-o", "json"], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def accuracy(runner, model, data):
    metrics = ask(runner, "val", model, "--data", data, "--imgsz", SIDE)[-1]["metrics"]
    return metrics["top1"], metrics["top5"]


def farthest(runner, model, exported, pictures):
    """The largest difference of a probability that `infer` says, and of one of the exported file's."""
    names = {name: number for number, name in model.names.items()}
    said = {pathlib.Path(one["image"]).resolve(): one["classes"]
            for one in ask(runner, "infer", exported.with_name("best.pt"), *pictures, "--imgsz", SIDE)
            if one["event"] == "classes"}
    graph = torch.jit.load(str(exported))
    of_infer = of_graph = 0.0
    for file in pictures:
        images = torch.from_numpy(np.array(Image.open(file).convert("RGB"))).permute(2, 0, 1)[None] / 255
        with torch.no_grad():
            result = model.model.float().eval()(images)
            theirs = (result[0] if isinstance(result, (tuple, list)) else result)[0]
            ours = graph(images)
        ours = (ours[0] if isinstance(ours, (tuple, list)) else ours)[0]
        of_graph = max(of_graph, (ours - theirs).abs().max().item())
        for guess in said[file.resolve()]:
            of_infer = max(of_infer, abs(guess["confidence"] - theirs[names[guess["name"]]].item()))
    return of_infer, of_graph


def main():
    runner, work = sys.argv[1], pathlib.Path(sys.argv[2])
    data = work / "set"
    draw(data)
    pictures = [file for file in sorted((data / "val").glob("*/*.png")) if Image.open(file).size == (SIDE, SIDE)]
    common = {"data": str(data), "imgsz": SIDE, "device": "cpu", "workers": 0, "plots": False, "project": str(work),
              "exist_ok": True, "batch": 16, "verbose": False}
    failed = False
    for name in ("yolo26n-cls", "yolo11n-cls", "yolov8n-cls"):
        YOLO(f"{name}.yaml").train(epochs=4, nbs=16, pretrained=False, seed=0, name=name, auto_augment=None,
                                   erasing=0.0, **common)
        weights = work / name / "weights/best.pt"
        exported = weights.with_name("best.torchscript")
        model = YOLO(weights)
        result = model.val(name=f"{name}-val", **common)
        theirs = float(result.top1), float(result.top5)
        ask(runner, "export", weights, "--imgsz", SIDE, "--output", exported)
        ours, of_export = accuracy(runner, weights, data), accuracy(runner, exported, data)
        of_infer, of_graph = farthest(runner, YOLO(weights), exported, pictures)
        # They keep their accuracies in single precision, and infer says four digits.
        good = all(abs(a - b) < 1e-6 for pair in (ours, of_export) for a, b in zip(pair, theirs)) and \
            of_infer < 1.5e-4 and of_graph < 1e-4
        failed = failed or not good
        print(f"{name}: top-1 {ours[0]:.4f} {of_export[0]:.4f} (exported) {theirs[0]:.4f} (theirs), "
              f"top-5 {ours[1]:.4f} {of_export[1]:.4f} {theirs[1]:.4f}; probabilities differ by {of_infer:.1e} "
              f"(infer, four digits) and {of_graph:.1e} (exported) at most{'' if good else ': FAILED'}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
