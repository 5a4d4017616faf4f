"""same_boxes.py A B PIXELS PART: two runs of infer found the same.

The 20 strongest boxes of each picture in one must be in the other, within PIXELS and within PART of the confidence, and
the other way round; one in fifty may differ, for equal scores change places and suppression follows the stronger.
"""
import json
import sys

STRONGEST = 20


def detections(path):
    with open(path) as file:
        return {event["image"]: event["detections"] for event in map(json.loads, file) if event["event"] == "detections"}


def alike(one, other, pixels, part):
    return (one["class"] == other["class"]
            and abs(one["confidence"] - other["confidence"]) <= part * one["confidence"] + 1e-4
            and all(abs(a - b) <= pixels for a, b in zip(one["box"], other["box"])))


def unmatched(these, those, pixels, part):
    return [one for one in these[:STRONGEST] if not any(alike(one, other, pixels, part) for other in those)]


a, b = detections(sys.argv[1]), detections(sys.argv[2])
pixels, part = float(sys.argv[3]), float(sys.argv[4])
assert a.keys() == b.keys() and a, "not the same pictures"
odd = [(picture, box) for picture in a for box in unmatched(a[picture], b[picture], pixels, part)
       + unmatched(b[picture], a[picture], pixels, part)]
count = sum(min(len(of[picture]), STRONGEST) for of in (a, b) for picture in of)
assert count >= 2 * STRONGEST * len(a), f"{count} boxes are too few to compare"
assert len(odd) <= 0.02 * count, f"{len(odd)} of {count} boxes are in one of {sys.argv[1]} and {sys.argv[2]}: {odd[:3]}"
print(f"{sys.argv[2]}: {count} boxes the same, but for {len(odd)}")
