"""Lets the oracle change known pictures with known draws, and writes what comes of it: augment.py FILE.

The oracle's random functions are replaced by ones that answer what is written here; the oracle is called, not read.
Pictures are made of triangle waves (pattern), the same as in tests/unit/runner/detect/augment_parity_test.cpp: smooth,
so that half a step of interpolation is no more than a level or two.
"""
import json, math, random, sys
import numpy as np

GRID = 11


def pattern(width, height, phase):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    channels = [np.abs((a * x + b * y + 37 * phase + 85 * c) % 510 - 255) for c, (a, b) in
                enumerate(((3, 2), (2, 3), (1, 4)))]
    return np.stack(channels, 2).astype(np.uint8)


def bgr(picture):
    return np.ascontiguousarray(picture[..., ::-1])


def seen(image):
    """What the fixture keeps of a picture (BGR): size, means, and samples on a grid, as RGB."""
    rgb = image[..., ::-1]
    height, width = rgb.shape[:2]
    at = [[rgb[j * (height - 1) // GRID, i * (width - 1) // GRID].tolist() for i in range(GRID + 1)]
          for j in range(GRID + 1)]
    return {"width": width, "height": height, "mean": [round(float(v), 3) for v in rgb.reshape(-1, 3).mean(0)],
            "samples": at}


def instances(boxes, outlines=None):
    from ultralytics.utils.instance import Instances
    segments = np.zeros((0, 1000, 2), np.float32)
    if outlines:
        segments = np.stack([dense(outline) for outline in outlines]).astype(np.float32)
    return Instances(np.array(boxes, np.float32).reshape(-1, 4), segments, bbox_format="xyxy", normalized=False)


def dense(outline, count=1000):
    """The closed outline as that many points on its sides, all corners among them."""
    sides = len(outline)
    points = []
    for i in range(sides):
        a, b = np.array(outline[i], float), np.array(outline[(i + 1) % sides], float)
        steps = count // sides + (1 if i < count % sides else 0)
        points += [a + (b - a) * k / steps for k in range(steps)]
    return np.array(points)


def labels(picture, boxes, classes, outlines=None):
    height, width = picture.shape[:2]
    return {"img": bgr(picture), "cls": np.array(classes, np.float32).reshape(-1, 1), "im_file": "x.png",
            "instances": instances(boxes, outlines), "ori_shape": (height, width), "resized_shape": (height, width),
            "rect_shape": None, "ratio_pad": (1.0, 1.0)}


def result(labels, keep_image=True):
    found = labels["instances"]
    found.convert_bbox("xyxy")
    rows = [[int(c)] + [round(float(v), 4) for v in box] for c, box in zip(labels["cls"].reshape(-1), found.bboxes)]
    return {**seen(labels["img"]), "boxes": rows}


class Drawn:
    """Answers random.uniform by what is asked for, numpy's by turns."""

    def __init__(self, by_limits):
        self.by_limits = {key: list(values) for key, values in by_limits.items()}

    def __call__(self, low, high, *size):
        for (a, b), values in self.by_limits.items():
            if abs(a - low) < 1e-9 and abs(b - high) < 1e-9:
                return values.pop(0)
        raise AssertionError(f"nothing is drawn in {low}, {high}")


class patched:
    def __init__(self, owner, name, value):
        self.owner, self.name, self.value = owner, name, value

    def __enter__(self):
        self.before = getattr(self.owner, self.name)
        setattr(self.owner, self.name, self.value)

    def __exit__(self, *_):
        setattr(self.owner, self.name, self.before)


BOXES = [[20, 30, 90, 80], [100, 10, 150, 60], [5, 90, 30, 118], [120, 70, 158, 118]]
OUTLINES = [[[20, 30], [90, 40], [80, 80], [30, 70]], [[125, 10], [150, 35], [125, 60], [100, 35]],
            [[5, 90], [30, 95], [20, 118]], [[120, 70], [158, 70], [158, 118], [120, 118]]]


APART = [[10, 10, 40, 40], [60, 50, 100, 90], [100, 80, 130, 110], [20, 70, 36, 116]]
APART_OUTLINES = [[[10, 10], [40, 15], [30, 40]], [[60, 50], [100, 50], [100, 90], [60, 90]],
                  [[115, 80], [130, 95], [115, 110], [100, 95]], [[20, 70], [36, 80], [30, 116]]]


class Pictures:
    """Stands for a data set; its i-th picture is the i-th of these labels."""

    def __init__(self, all_labels):
        self.all_labels = all_labels
        self.buffer, self.cache, self.data = list(range(len(all_labels))), "ram", {}

    def __len__(self):
        return len(self.all_labels)

    def get_image_and_label(self, i):
        return self.all_labels[i]


def in_turn(values):
    it = iter(values)
    return lambda *args, **kwargs: next(it)


def warp(side, draws, outlines=None):
    from ultralytics.data.augment import RandomPerspective
    picture = pattern(160, 120, 1)
    degrees, translate, scale, shear, perspective = 31.0, 0.2, 0.4, 17.0, 0.0009
    change = RandomPerspective(degrees=degrees, translate=translate, scale=scale, shear=shear, perspective=perspective,
                               size=(side, side))
    by_limits = {(-perspective, perspective): [draws["perspective_x"], draws["perspective_y"]],
                 (-degrees, degrees): [draws["rotation"]], (1 - scale, 1 + scale): [draws["zoom"]],
                 (-shear, shear): [draws["shear_x"], draws["shear_y"]],
                 (0.5 - translate, 0.5 + translate): [0.5 + draws["shift_x"], 0.5 + draws["shift_y"]]}
    given = labels(picture, BOXES, range(4), outlines)
    with patched(random, "uniform", Drawn(by_limits)):
        drawn = change.get_params(given)
    with patched(change, "get_params", lambda _: drawn):
        changed = change(given)
    return {"draws": draws, "side": side, "outlines": bool(outlines), **result(changed),
            "matrix": [float(v) for v in np.asarray(drawn["M"]).reshape(-1)]}


def mosaic(count, side, x, y):
    from ultralytics.data.augment import Mosaic
    sizes = [(side, side * 3 // 4), (side, side), (side // 2, side), (side, side // 2), (side, side),
             (side * 3 // 4, side), (side, side), (side, side * 2 // 3), (side, side)]
    all_labels = []
    for i in range(count):
        w, h = sizes[i]
        all_labels.append(labels(pattern(w, h, i), [[2, 3, w - 1, h - 2], [w // 4, h // 4, w // 2, h // 2]], [i, 10 + i]))
    join = Mosaic(Pictures(all_labels), imgsz=side, p=1.0, n=count)
    # Whether it is done at all, then the point.
    with patched(random, "uniform", in_turn((0.0, float(y), float(x)))), \
            patched(random, "randint", in_turn(range(1, count))):
        joined = join(all_labels[0])
    return {"side": side, "x": x, "y": y, "sizes": sizes[:count], **result(joined)}


def mixup(part):
    from ultralytics.data.augment import MixUp
    one, other = labels(pattern(96, 96, 2), [[5, 6, 50, 60]], [1]), labels(pattern(96, 96, 5), [[20, 9, 90, 33]], [2])
    with patched(np.random, "beta", lambda a, b: part), patched(random, "randint", lambda a, b: 1):
        return {"part": part, **result(MixUp(Pictures([one, other]), p=1.0)(one))}


def cutmix(kept, x, y):
    from ultralytics.data.augment import CutMix
    one = labels(pattern(96, 96, 2), [[1, 1, 12, 12]], [1])
    other = labels(pattern(96, 96, 5), [[20, 9, 90, 33], [60, 50, 80, 90], [0, 0, 25, 96]], [2, 3, 4])
    with patched(np.random, "beta", lambda a, b: kept), patched(np.random, "choice", lambda a: a[0]), \
            patched(np.random, "randint", in_turn((x, y) * 10)), patched(random, "randint", lambda a, b: 1):
        return {"kept": kept, "x": x, "y": y, **result(CutMix(Pictures([one, other]), p=1.0)(one))}


def copy_paste(part):
    from ultralytics.data.augment import CopyPaste
    given = labels(pattern(160, 120, 1), APART, range(4), APART_OUTLINES)
    with patched(random, "random", lambda: 0.0), patched(random, "uniform", lambda a, b: 0.0):
        return {"part": part, **result(CopyPaste(p=part, mode="flip")(given))}


def colours(hue, saturation, value):
    from ultralytics.data.augment import RandomHSV
    given = labels(pattern(160, 120, 3), BOXES, range(4))
    with patched(np.random, "uniform", lambda low, high, size=None: np.array([hue, saturation, value])):
        return {"hue": hue, "saturation": saturation, "value": value,
                **result(RandomHSV(hgain=1.0, sgain=1.0, vgain=1.0)(given))}


def flip(direction):
    from ultralytics.data.augment import RandomFlip
    given = labels(pattern(160, 120, 1), BOXES, range(4), OUTLINES)
    return {"direction": direction, **result(RandomFlip(p=1.0, direction=direction)(given))}


def exchanged(drawn):
    """What a network gets as red, green and blue where 0.5 is the probability of bgr and `drawn` the draw."""
    from ultralytics.data.augment import Format
    given = labels(pattern(160, 120, 1), BOXES, range(4))
    with patched(random, "uniform", lambda low, high: drawn):
        tensor = Format(bgr=0.5)(given)["img"]
    return {"exchanged": drawn < 0.5, **seen(bgr(tensor.permute(1, 2, 0).numpy()))}


def draws(**given):
    return {"zoom": 1.0, "rotation": 0.0, "shear_x": 0.0, "shear_y": 0.0, "perspective_x": 0.0, "perspective_y": 0.0,
            "shift_x": 0.0, "shift_y": 0.0, **given}


def main():
    fixture = {
        "warp": [warp(160, draws(zoom=0.8, shift_x=0.1, shift_y=-0.05)), warp(160, draws(zoom=1.37, shift_x=-0.15)),
                 warp(160, draws(rotation=25.0, zoom=1.1)), warp(160, draws(shear_x=15.0, shear_y=-8.0)),
                 warp(160, draws(perspective_x=0.0008, perspective_y=-0.0005)),
                 warp(192, draws(zoom=0.9, rotation=-20.0, shear_x=5.0, shear_y=3.0, perspective_x=-0.0004,
                                 perspective_y=0.0006, shift_x=0.12, shift_y=0.07)),
                 warp(160, draws(rotation=25.0, zoom=1.3, shift_x=0.15), OUTLINES)],
        "mosaic": [mosaic(4, 96, 70, 101), mosaic(4, 96, 130, 60)],
        "mosaic9": [mosaic(9, 96, 48, 48)],
        "mixup": [mixup(0.5), mixup(0.42)],
        "cutmix": [cutmix(0.6, 70, 50), cutmix(0.9, 20, 70)],
        "copy_paste": [copy_paste(1.0), copy_paste(0.5)],
        "colours": [colours(0.012, 0.5, -0.3), colours(-0.015, -0.6, 0.35), colours(0.0, 0.3, 0.0)],
        "flip": [flip("horizontal"), flip("vertical")],
        "bgr": [exchanged(0.2), exchanged(0.8)],
    }
    lines = ['"%s": [\n%s]' % (key, ",\n".join(json.dumps(one) for one in all)) for key, all in fixture.items()]
    with open(sys.argv[1], "w") as file:
        file.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
