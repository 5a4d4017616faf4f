"""step.py ours|theirs RUNNER DATA SIDE [BATCH [PRECISION]]: trains yolo26n for two epochs on two threads.

BATCH is 4, PRECISION fp32 if not told; the reference knows no other one on a processor. Prints JSON: seconds a step and
pictures a second in the second epoch, and the most memory of the process. The reference is called and not read.
"""
import contextlib
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

who, runner, data, side = sys.argv[1:5]
batch = int(sys.argv[5]) if len(sys.argv) > 5 else 4
precision = sys.argv[6] if len(sys.argv) > 6 else "fp32"
threads = 2
if who == "ours":
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([runner, "train", "--data", data, "--imgsz", side, "--batch", str(batch), "--nominal-batch", str(batch),
                        "--epochs", "2", "--close-mosaic", "0", "--val-interval", "100", "--device", "cpu", "--threads",
                        str(threads), "--optimizer", "sgd", "--warmup-epochs", "0", "--precision", precision, "--output",
                        folder + "/run"],
                       check=True, stdout=sys.stderr)
        with open(folder + "/run/results.jsonl") as lines:
            epoch = [json.loads(line) for line in lines][-1]
    seconds, who_used = epoch["train_seconds"], resource.RUSAGE_CHILDREN
    with contextlib.suppress(Exception):
        print(f"waited for data {epoch['data_seconds']:.2f} s of {seconds:.2f}", file=sys.stderr)
else:
    with contextlib.redirect_stdout(sys.stderr):
        import torch
        from ultralytics import YOLO

        torch.set_num_threads(threads)
        marks = []
        model = YOLO("yolo26n.yaml")
        model.add_callback("on_train_epoch_start", lambda trainer: marks.append(time.perf_counter()))
        model.add_callback("on_train_epoch_end", lambda trainer: marks.append(time.perf_counter()))
        with tempfile.TemporaryDirectory() as folder:
            model.train(data=data, imgsz=int(side), batch=batch, nbs=batch, epochs=2, close_mosaic=0, val=False, device="cpu",
                        workers=0, cache="ram", plots=False, pretrained=False, optimizer="SGD", warmup_epochs=0, amp=False,
                        project=folder, name="run", verbose=False, save=False)
    seconds, who_used = marks[3] - marks[2], resource.RUSAGE_SELF
with open(data) as file:
    root = next(line.split()[1] for line in file if line.startswith("path:"))
pictures = len(list(pathlib.Path(root, "images/train").glob("*.jpg")))
print(json.dumps({"seconds_a_step": round(seconds / pictures * batch, 4), "pictures_a_second": round(pictures / seconds, 1), "mb": round(resource.getrusage(who_used).ru_maxrss / 1e3)}))
