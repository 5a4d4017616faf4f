"""How both sides train, and the one judge of the weights that come of it: lotse-runner val.

LOTSE_BIN: folder of lotse-runner. LOTSE_DEVICE: what both train on, cpu unless it says cuda. LOTSE_ORACLE: a Python that
has the reference, instead of the one that parity/oracle makes.
"""
import json
import os
import pathlib
import shutil
import subprocess
import time

import textures

HERE = pathlib.Path(__file__).resolve().parent
DEVICE = os.environ.get("LOTSE_DEVICE", "cpu")
RUNNER = str(pathlib.Path(os.environ.get("LOTSE_BIN", HERE.parents[2] / "build/bin")) / "lotse-runner")
SETTINGS = json.loads((HERE / "settings.json").read_text())
MODELS = {**SETTINGS["models"], **SETTINGS["classify"]["models"]}
RECORDED = HERE / "reference.json"


def recorded():
    """The oracle's runs by model."""
    return json.loads(RECORDED.read_text()) if RECORDED.exists() else {}


def classifies(model):
    return model in SETTINGS["classify"]["models"]


def metric(model):
    """What both sides are compared by."""
    return "top1" if classifies(model) else "map50_95"


def shared(model):
    """The options that all models of its task are trained with."""
    return (SETTINGS["classify"] if classifies(model) else SETTINGS)["train"]


def options(model, seed):
    """Of `lotse-runner train`, without data and output."""
    return {"model": model, "seed": seed, **shared(model), **MODELS[model]["train"]}


def draw(folder, model):
    """The pictures, made once; what --data names."""
    if classifies(model):
        data = folder / "textures"
        if not data.exists():
            textures.main(data)
        return data
    data = folder / "shapes" / "data.yaml"
    if not data.exists():
        flags = [f"--{key.replace('_', '-')}={value}" for key, value in SETTINGS["data"].items()]
        subprocess.run([RUNNER, "dataset", "shapes", str(data.parent), *flags], check=True, stdout=subprocess.DEVNULL)
    return data


def judge(weights, data, model):
    """The metrics that count, of the head that the model is used with."""
    head = [] if classifies(model) else ["--head", MODELS[model]["head"]]
    command = [RUNNER, "val", str(weights), "--data", str(data), "--imgsz", str(shared(model)["imgsz"]), *head,
               "-o", "json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    metrics = json.loads(lines[-1])["metrics"]
    return {name: round(metrics[name], 5) for name in (("top1",) if classifies(model) else ("map50", "map50_95"))}


def ours(folder, model, seed, data):
    """Trains ours; the weights of the last epoch."""
    flags = [f"--{key.replace('_', '-')}={value}" for key, value in options(model, seed).items()]
    subprocess.run([RUNNER, "train", *flags, "--data", str(data), "--output", str(folder / "run"), "--precision", "fp32",
                    "--device", DEVICE, "--overwrite"], check=True, stdout=subprocess.DEVNULL)
    return folder / "run/last.safetensors"


def theirs(folder, model, seed, data):
    """Trains the oracle; the weights of the last epoch."""
    python = os.environ.get("LOTSE_ORACLE") or subprocess.run(
        [HERE.parent / "oracle"], check=True, capture_output=True, text=True).stdout.strip()
    copy = folder / "data"  # beside which it writes what it has read of the labels
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data if data.is_dir() else data.parent, copy)
    environment = {**os.environ, "YOLO_CONFIG_DIR": str(folder), "YOLO_OFFLINE": "true"}
    weights = folder / "weights.pt"
    subprocess.run([python, HERE / "theirs.py", json.dumps(options(model, seed)), DEVICE,
                    copy if data.is_dir() else copy / data.name, weights, folder], check=True, env=environment)
    return weights


def run(side, folder, model, seed):
    """What comes of one run of `side`, ours or theirs: its metrics and seconds. Kept in the folder, not done twice."""
    place = folder / f"{side.__name__}-{model}-{seed}"
    told = place / "judged.json"
    if not told.exists():
        place.mkdir(parents=True, exist_ok=True)
        data, start = draw(folder, model), time.monotonic()
        weights = side(place, model, seed, data)
        seconds = round(time.monotonic() - start)
        told.write_text(json.dumps({"seed": seed, **judge(weights, data, model), "seconds": seconds, "device": DEVICE}))
    return json.loads(told.read_text())
