"""Lets the oracle take three optimizer steps from hash-filled weights, and writes what comes of it: train.py FILE.

Weights, statistics and pictures are those of filled.py; the objects are objects() below, and the same in
tests/unit/runner/train/parity_test.cpp. The oracle is called, not read. It works in double precision: steps that are as
long where a gradient is about 0 as anywhere, AdamW's and Muon's, make of a rounding another weight. Muon's matrices are
bfloat16 in any case.
"""
import contextlib, json, re, sys
from types import SimpleNamespace
import torch

import filled

SIDE, PICTURES, STEPS, MOMENTUM, DECAY = 160, 2, 3, 0.9, 0.0005
RATES = {"SGD": 0.01, "AdamW": 0.001, "MuSGD": 0.0054}


def objects():
    """Rows of picture, class, x1, y1, x2, y2 in pixels; the last of each picture is smaller than a stride."""
    rows = []
    for i in range(PICTURES):
        for j in range(3):
            x, y = 5 + 11 * i + 40 * j, 8 + 13 * i + 17 * j
            rows.append([i, (7 * i + 31 * j) % 80, x, y, x + 20 + 14 * j, y + 30 + 6 * i])
        rows.append([i, 3 + i, 130, 20 + 5 * i, 137, 29 + 5 * i])
    return rows


def batch():
    rows = torch.tensor(objects(), dtype=torch.float64)
    centre, size = (rows[:, 2:4] + rows[:, 4:6]) / 2 / SIDE, (rows[:, 4:6] - rows[:, 2:4]) / SIDE
    return {"img": filled.uniform("images", (PICTURES, 3, SIDE, SIDE), 0, 1).double(), "batch_idx": rows[:, 0],
            "cls": rows[:, 1:2], "bboxes": torch.cat([centre, size], 1)}


def calm(model):
    """The heads' last convolutions say little and are unsure, as those of a model that has begun to learn."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if re.search(r"cv[23]\.\d\.2\.weight$", name):
                parameter.mul_(0.1)
            elif re.search(r"cv3\.\d\.2\.bias$", name):
                parameter.sub_(4)
            elif re.search(r"cv2\.\d\.2\.bias$", name):
                parameter.add_(2)


def kept(model):
    """Numbers of all parameters together, and of every 23rd."""
    parameters = [(name, p) for name, p in model.named_parameters() if ".dfl." not in name]
    return {name: filled.summary(p) for name, p in parameters[::23]}


@contextlib.contextmanager
def in_double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@in_double()
def run(name, rule):
    from ultralytics.cfg import get_cfg
    from ultralytics.engine.trainer import BaseTrainer
    model = filled.build(name).double().train()
    calm(model)
    model.args = get_cfg()
    for parameter_name, parameter in model.named_parameters():
        parameter.requires_grad = ".dfl." not in parameter_name
    model.criterion = model.init_criterion()
    trainer = SimpleNamespace(args=get_cfg(overrides={"optimizer": rule}), data={"nc": 80}, model=model)
    optimizer = BaseTrainer.build_optimizer(trainer, model, name=rule, lr=RATES[rule], momentum=MOMENTUM, decay=DECAY,
                                            iterations=100)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss, parts = model.loss(batch())
        loss.sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        losses.append({"total": loss.sum().item() / PICTURES, "parts": [float(v) for v in parts.values()]})
    return {"rate": RATES[rule], "losses": losses, "parameters": kept(model)}


def moved(name, rule):
    """Weights after three steps whose gradients are hashed too: nothing of it hangs on a processor's last digits."""
    from ultralytics.cfg import get_cfg
    from ultralytics.engine.trainer import BaseTrainer
    model = filled.build(name)
    trainer = SimpleNamespace(args=get_cfg(overrides={"optimizer": rule}), data={"nc": 80}, model=model)
    optimizer = BaseTrainer.build_optimizer(trainer, model, name=rule, lr=RATES[rule], momentum=MOMENTUM, decay=DECAY,
                                            iterations=100)
    for step in range(STEPS):
        for key, parameter in model.named_parameters():
            parameter.grad = filled.uniform(f"{key}/{step}", tuple(parameter.shape), -0.01, 0.01)
        optimizer.step()
    return kept(model)


def main():
    torch.manual_seed(0)
    lines = []
    for name in ("yolo26n", "yolo11n", "yolov8n"):
        rules = ['"%s": %s' % (rule.lower(), json.dumps(run(name, rule))) for rule in RATES]
        lines.append('"%s": {%s}' % (name, ",\n".join(rules)))
    rules = ['"%s": %s' % (rule.lower(), json.dumps(moved("yolo26n", rule))) for rule in RATES]
    lines.append('"hashed gradients": {%s}' % ",\n".join(rules))
    with open(sys.argv[1], "w") as file:
        file.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
