"""The oracle saves hash-filled models and its outputs; lotse-runner reads the models and must say the same."""
import json, struct, subprocess, sys
import numpy as np, torch
from filled import build, heads, uniform

TOLERANCE = 1e-4  # of a tensor's largest magnitude


def write_safetensors(path, name, array):
    header = json.dumps({name: {"dtype": "F32", "shape": list(array.shape), "data_offsets": [0, array.nbytes]}}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + array.tobytes())


def read_safetensors(path):
    raw = open(path, "rb").read()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    at = lambda entry: raw[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]]
    return {k: torch.from_numpy(np.frombuffer(at(e), np.float32).copy().reshape(e["shape"])) for k, e in header.items()}


def as_reference(boxes, scores):
    low, high = boxes[..., :2], boxes[..., 2:]
    return torch.cat([(low + high) / 2, high - low, scores], 2).transpose(1, 2)


def detections(decoded, threshold=0.25):
    """(picture, anchor, class) above the threshold, and those too close to it to be held to."""
    scores = decoded[:, 4:]
    sure = set(map(tuple, (scores > threshold + 1e-4).nonzero().tolist()))
    possible = set(map(tuple, (scores > threshold - 1e-4).nonzero().tolist()))
    return sure, possible


def compare(name, theirs, ours):
    worst = 0.0
    for key, value in theirs.items():
        if ours[key].shape != value.shape:
            sys.exit(f"{name} {key}: shape {tuple(ours[key].shape)}, not {tuple(value.shape)}")
        part = ((ours[key] - value).abs().max() / value.abs().max()).item()
        worst = max(worst, part)
        if part > TOLERANCE:
            sys.exit(f"{name} {key}: differs by {part:.2e} of the largest magnitude")
    return worst


def main():
    runner, work = sys.argv[1], sys.argv[2]
    images = uniform("images", (2, 3, 192, 256), 0, 1)
    write_safetensors(f"{work}/images", "images", images.numpy())
    for name in ("yolo26n", "yolo11n", "yolov8n"):
        module = build(name)
        theirs, result = heads(module, images)
        theirs["one_to_many.decoded"] = result[0] if isinstance(result, (tuple, list)) else result
        torch.save({"model": module, "ema": None, "epoch": -1}, f"{work}/{name}.pt")
        for fused in ("--no-fused", "--fused"):
            subprocess.run([runner, "forward", f"{work}/{name}.pt", "--input", f"{work}/images", "--output",
                            f"{work}/out", fused], check=True, stdout=subprocess.DEVNULL)
            ours = read_safetensors(f"{work}/out")
            ours["one_to_many.decoded"] = as_reference(ours["one_to_many.decoded.boxes"], ours["one_to_many.decoded.scores"])
            worst = compare(name, theirs, ours)
            sure, possible = detections(theirs["one_to_many.decoded"])
            our_sure, our_possible = detections(ours["one_to_many.decoded"])
            if not (sure <= our_possible and our_sure <= possible):
                sys.exit(f"{name}: the sets of detections differ")
            print(f"{name} {fused:10} {len(theirs)} tensors, worst {worst:.1e}; {len(sure)} detections the same")


if __name__ == "__main__":
    main()
