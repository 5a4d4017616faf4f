"""Trains the oracle for a few epochs on twelve classes that it can only tell apart in fours, in pictures of many sizes,
and has both judge: `classes.py RUNNER FOLDER`. Exits 1 unless top-1 and top-5 are the same."""
import json
import pathlib
import subprocess
import sys

from PIL import Image
from ultralytics import YOLO

SIDE = 64


def spread(source, target):
    """SHAPE/N.png becomes SHAPE-(N mod 3)/N.png, wide or high."""
    for number, picture in enumerate(sorted(source.glob("*/*/*.png"))):
        part, shape = picture.parts[-3:-1]
        folder = target / part / f"{shape}-{number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        image = Image.open(picture)
        width, height = [(90, 90), (150, 90), (90, 133), (61, 70), (64, 200)][number % 5]
        image.resize((width, height)).save(folder / picture.name)


def main():
    runner, work = sys.argv[1], pathlib.Path(sys.argv[2])
    spread(work / "set", work / "many")
    common = {"data": str(work / "many"), "imgsz": SIDE, "device": "cpu", "workers": 0, "plots": False,
              "project": str(work), "exist_ok": True, "batch": 16}
    YOLO("yolo26n-cls.yaml").train(epochs=3, pretrained=False, seed=0, name="train", **common)
    weights = work / "train/weights/best.pt"
    theirs = YOLO(weights).val(name="val", **common)
    lines = subprocess.run([runner, "val", weights, "--data", work / "many", "--imgsz", str(SIDE), "-o", "json"],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    ours = json.loads(lines[-1])
    print("          top-1   top-5")
    print(f"ours     {ours['metrics']['top1']:.4f}  {ours['metrics']['top5']:.4f}")
    print(f"theirs   {theirs.top1:.4f}  {theirs.top5:.4f}  ({ours['pictures']} pictures)")
    # They keep their accuracies in single precision.
    if abs(ours["metrics"]["top1"] - theirs.top1) > 1e-6 or abs(ours["metrics"]["top5"] - theirs.top5) > 1e-6:
        sys.exit("they differ")


if __name__ == "__main__":
    main()
