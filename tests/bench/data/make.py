"""make.py SHAPES FOLDER COPIES [OBJECTS]: the pictures of a set of shapes as JPEGs of 640 x 480, each COPIES times as a link.

With OBJECTS each picture has that many random small boxes instead of its own objects.
"""
import os
import pathlib
import random
import sys

import cv2

source, folder, copies = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
objects = int(sys.argv[4]) if len(sys.argv) > 4 else 0
random.seed(1)


def labels(path):
    if not objects:
        return path.read_text()
    rows = []
    for _ in range(objects):
        w, h = random.uniform(0.01, 0.05), random.uniform(0.01, 0.05)
        x, y = random.uniform(w / 2, 1 - w / 2), random.uniform(h / 2, 1 - h / 2)
        rows.append(f"{random.randrange(4)} {x:.5f} {y:.5f} {w:.5f} {h:.5f}\n")
    return "".join(rows)


for part in "train", "val":
    for kind in "images", "labels":
        (folder / kind / part).mkdir(parents=True, exist_ok=True)
    for png in sorted((source / "images" / part).glob("*.png")):
        picture = cv2.resize(cv2.imread(str(png)), (640, 480), interpolation=cv2.INTER_AREA)
        first = folder / "images" / part / f"{png.stem}_0.jpg"
        cv2.imwrite(str(first), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        text = labels(source / "labels" / part / f"{png.stem}.txt")
        label = folder / "labels" / part / f"{png.stem}_0.txt"
        label.write_text(text)
        for copy in range(1, copies if part == "train" else 1):
            os.link(first, folder / "images" / part / f"{png.stem}_{copy}.jpg")
            os.link(label, folder / "labels" / part / f"{png.stem}_{copy}.txt")
path = folder.absolute()
(folder / "data.yaml").write_text(f"path: {path}\ntrain: images/train\nval: images/val\nnames: [circle, square, triangle, star]\n")
