"""Runs the oracle with weights, statistics and pictures filled from a hash, and writes numbers to hold to.

The hash and the ranges are those of parity_test.cpp in tests/unit/runner/detect and classify; see README.md. The oracle is a black box:
it is imported and called, nothing of it is read.
"""
import json, math, sys
import numpy as np, torch

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
SEED = 0


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def fnv1a(key):
    value = 0xCBF29CE484222325
    for byte in key.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return np.uint64(value)


def uniform(key, shape, low, high):
    count = math.prod(shape)
    with np.errstate(over="ignore"):
        base = fnv1a(key) ^ mix(np.uint64(SEED) + GOLDEN)
        bits = mix(base + np.arange(1, count + 1, dtype=np.uint64) * GOLDEN) >> np.uint64(40)
    return torch.from_numpy((low + (high - low) * (bits / 2.0**24)).astype(np.float32).reshape(shape))


def fill(module):
    state = module.state_dict()
    for key, tensor in state.items():
        last = key.rsplit(".", 1)[1]
        if last == "num_batches_tracked" or ".dfl." in key:
            continue
        if tensor.dim() in (2, 4):
            low, high = -math.sqrt(6 / tensor[0].numel()), math.sqrt(6 / tensor[0].numel())
        elif last in ("weight", "running_var"):
            low, high = 0.5, 1.5
        else:
            low, high = -0.2, 0.2
        tensor.copy_(uniform(key, tuple(tensor.shape), low, high))


def summary(tensor):
    """What the fixture keeps of a tensor: its shape, its largest magnitude, its mean, and 16 samples."""
    flat = tensor.detach().double().flatten()
    at = [i * (flat.numel() - 1) // 15 for i in range(16)]
    return {"shape": list(tensor.shape), "largest": float(f"{flat.abs().max().item():.8g}"),
            "mean": float(f"{flat.mean().item():.8g}"),
            "at": at, "values": [float(f"{flat[i].item():.8g}") for i in at]}


def heads(module, images):
    """Raw outputs by head: the last convolutions of each branch, caught where they leave."""
    caught, hooks = {}, []
    detect = module.model[-1]
    for name in ("cv2", "cv3", "one2one_cv2", "one2one_cv3"):
        for level, branch in enumerate(getattr(detect, name, None) or []):
            def catch(_, __, out, name=name, level=level):
                head = "one_to_one" if name.startswith("one2one") else "one_to_many"
                caught[f"{head}.{'boxes' if name.endswith('cv2') else 'scores'}.{level}"] = out
            hooks.append(branch.register_forward_hook(catch))
    with torch.no_grad():
        result = module(images)
    for hook in hooks:
        hook.remove()
    return caught, result


def classes(module, images):
    """Logits, caught where the last layer gives them, and what the model makes of them."""
    caught = {}
    hook = module.model[-1].linear.register_forward_hook(lambda _, __, out: caught.update(logits=out.clone()))
    with torch.no_grad():
        result = module(images)
    hook.remove()
    return caught | {"probabilities": result[0] if isinstance(result, (tuple, list)) else result}


def build(name):
    from ultralytics import YOLO
    task = "classify" if name.endswith("-cls") else "detect"
    module = YOLO(f"{name}.yaml", task=task, verbose=False).model.float().eval()
    with torch.no_grad():
        fill(module)
    return module


def fixture(names):
    lines = []
    for name in names:
        module = build(name)
        images = uniform("images", (2, 3, 128, 160), 0, 1)
        if name.endswith("-cls"):
            tensors = classes(module, images)
        else:
            raw, result = heads(module, images)
            decoded = result[0] if isinstance(result, (tuple, list)) else result
            tensors = dict(sorted(raw.items())) | {"one_to_many.decoded": decoded}
        rows = [f"{json.dumps(key)}: {json.dumps(summary(value))}" for key, value in tensors.items()]
        lines.append(json.dumps(name) + ": {" + ",\n".join(rows) + "}")
    return "{" + ",\n".join(lines) + "}\n"


def main():
    with open(sys.argv[1], "w") as file:
        file.write(fixture(sys.argv[2:]))


if __name__ == "__main__":
    main()
