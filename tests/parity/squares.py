"""What the oracle shows a classifier of pictures filled from a hash: numbers for tests/unit/runner/classify. README.md.

The oracle is a black box: its transform for validation is called, nothing of it is read.
"""
import json, sys
import numpy as np
from PIL import Image
from filled import uniform

SIZES = [(40, 30, 32), (300, 200, 32), (33, 97, 32), (32, 32, 32), (20, 25, 32), (500, 375, 224), (1000, 64, 32)]


def picture(width, height):
    values = uniform(f"picture {width}x{height}", (height, width, 3), 0, 256).numpy()
    return Image.fromarray(values.astype(np.uint8))


def main():
    from ultralytics.data.augment import classify_transforms
    lines = []
    for width, height, side in SIZES:
        square = classify_transforms(size=side)(picture(width, height))
        bytes_ = (square.permute(1, 2, 0) * 255).round().to(int).flatten()
        at = [i * (bytes_.numel() - 1) // 63 for i in range(64)]
        lines.append(json.dumps({"width": width, "height": height, "side": side, "sum": bytes_.sum().item(), "at": at,
                                 "values": [bytes_[i].item() for i in at]}))
    with open(sys.argv[1], "w") as file:
        file.write("[" + ",\n".join(lines) + "]\n")


if __name__ == "__main__":
    main()
