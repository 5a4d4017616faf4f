"""Lets the oracle's transforms for classifiers change a known picture with known draws, and writes what comes of it:
classes_augment.py FILE. As augment.py: what is drawn is replaced, the oracle is called and not read.
"""
import json, sys
import numpy as np
import torch
from PIL import Image

from augment import bgr, in_turn, patched, pattern, seen

# Neither black nor white, so that stretching it changes it.
PICTURE = (pattern(160, 120, 1).astype(int) * 3 // 4 + 20).astype(np.uint8)


def transforms():
    from ultralytics.data.augment import classify_augmentations
    return {type(one).__name__: one for one in
            classify_augmentations(size=64, auto_augment="randaugment", erasing=1.0).transforms}


def shown(picture):
    return seen(bgr(np.asarray(picture)))


def crop(left, top, width, height):
    change = transforms()["RandomResizedCrop"]
    with patched(change, "get_params", lambda *_: (top, left, height, width)):
        return {"part": [left, top, width, height], **shown(change(Image.fromarray(PICTURE)))}


def change(which, negative):
    """The `which`-th of RandAugment's changes once, against its direction or along it."""
    change = transforms()["RandAugment"]
    change.num_ops = 1
    drawn = in_turn([torch.tensor([which]), torch.tensor(negative)])
    with patched(torch, "randint", drawn):
        return {"which": which, "negative": bool(negative), **shown(change(Image.fromarray(PICTURE)))}


def erase(left, top, width, height):
    stages = transforms()
    change = stages["RandomErasing"]
    tensor = stages["Normalize"](stages["ToTensor"](Image.fromarray(PICTURE)))
    with patched(change, "get_params", lambda *_, **__: (top, left, height, width, torch.zeros(1))):
        erased = change(tensor)
    return {"part": [left, top, width, height], **shown((erased * 255).round().byte().permute(1, 2, 0).numpy())}


def main():
    fixture = {
        "crop": [crop(20, 10, 100, 90), crop(0, 0, 160, 120), crop(70, 60, 40, 32)],
        "change": [change(which, negative) for which in range(14) for negative in (0, 1)],
        "erase": [erase(30, 20, 50, 60)],
    }
    lines = ['"%s": [\n%s]' % (key, ",\n".join(json.dumps(one) for one in all)) for key, all in fixture.items()]
    with open(sys.argv[1], "w") as file:
        file.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
