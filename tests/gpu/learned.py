"""learned.py CPU-STEPS GPU-STEPS TRAINED: the same first losses on both, and a loss that falls."""
import json
import sys


def events(path, kind):
    with open(path) as file:
        return [event for event in map(json.loads, file) if event["event"] == kind]


cpu, gpu = ([step["loss"] for step in events(path, "step")] for path in sys.argv[1:3])
print("first losses", cpu, gpu)
assert len(cpu) == len(gpu) == 3
for here, there in zip(cpu, gpu):
    assert abs(here - there) < 0.02 * here, "the losses differ by more than 2 %"  # TF32 and other orders of sums
epochs = events(sys.argv[3], "epoch")
print("total loss", [round(epoch["losses"]["total"], 2) for epoch in epochs], "mAP50", epochs[-1]["map50"])
assert epochs[-1]["losses"]["total"] < 0.85 * epochs[0]["losses"]["total"], "the loss does not fall"
