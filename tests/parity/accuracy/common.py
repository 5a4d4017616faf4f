"""What both sides train with, and the one judge of the weights that come of it: lotse-runner val."""
import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent
SETTINGS = json.loads((HERE / "settings.json").read_text())


def options(model, seed):
    """Of `lotse-runner train`, without data and output."""
    return {"model": model, "seed": seed, **SETTINGS["train"], **SETTINGS["models"][model]["train"]}


def draw(runner, folder):
    """The pictures, made once; the path of their data.yaml."""
    data = pathlib.Path(folder) / "shapes" / "data.yaml"
    if not data.exists():
        flags = [f"--{key.replace('_', '-')}={value}" for key, value in SETTINGS["data"].items()]
        subprocess.run([runner, "dataset", "shapes", str(data.parent), *flags], check=True, stdout=subprocess.DEVNULL)
    return data


def judge(runner, weights, data, model):
    """mAP50 and mAP50-95 of the head that the model is used with."""
    command = [runner, "val", str(weights), "--data", str(data), "--imgsz", str(SETTINGS["train"]["imgsz"]),
               "--head", SETTINGS["models"][model]["head"], "-o", "json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    metrics = json.loads(lines[-1])["metrics"]
    return {"map50": round(metrics["map50"], 5), "map50_95": round(metrics["map50_95"], 5)}
