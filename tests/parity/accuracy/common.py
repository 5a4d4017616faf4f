"""What both sides train with, and the one judge of the weights that come of it: lotse-runner val."""
import json
import pathlib
import subprocess

import textures

HERE = pathlib.Path(__file__).parent
SETTINGS = json.loads((HERE / "settings.json").read_text())
MODELS = {**SETTINGS["models"], **SETTINGS["classify"]["models"]}


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


def draw(runner, folder, model):
    """The pictures, made once; what --data names."""
    if classifies(model):
        data = pathlib.Path(folder) / "textures"
        if not data.exists():
            textures.main(data)
        return data
    data = pathlib.Path(folder) / "shapes" / "data.yaml"
    if not data.exists():
        flags = [f"--{key.replace('_', '-')}={value}" for key, value in SETTINGS["data"].items()]
        subprocess.run([runner, "dataset", "shapes", str(data.parent), *flags], check=True, stdout=subprocess.DEVNULL)
    return data


def judge(runner, weights, data, model):
    """The metrics that count, of the head that the model is used with."""
    head = [] if classifies(model) else ["--head", MODELS[model]["head"]]
    command = [runner, "val", str(weights), "--data", str(data), "--imgsz", str(shared(model)["imgsz"]), *head,
               "-o", "json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    metrics = json.loads(lines[-1])["metrics"]
    return {name: round(metrics[name], 5) for name in (("top1",) if classifies(model) else ("map50", "map50_95"))}
