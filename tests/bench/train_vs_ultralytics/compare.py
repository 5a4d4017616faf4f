"""Ours against theirs: the curve of mAP50, the best of each, the time. Exit 1 if theirs is over 5 points better."""
import json
import sys

with open(sys.argv[1]) as file:
    ours = [json.loads(line) for line in file]
with open(sys.argv[2]) as file:
    theirs = json.load(file)

print(f"{'epoch':>5} {'ours':>8} {'theirs':>8}   mAP50")
for mine, other in zip(ours, theirs):
    print(f"{mine['epoch']:5d} {mine.get('map50', 0):8.4f} {other['map50']:8.4f}")
best = [max(epochs, key=lambda e: e.get("map50_95", 0)) for epochs in (ours, theirs)]
seconds = [sum(epoch["seconds"] for epoch in ours), theirs[-1]["seconds"]]
for name, epoch, took in zip(("ours", "theirs"), best, seconds):
    print(f"{name:>6}: mAP50 {epoch['map50']:.4f}  mAP50-95 {epoch['map50_95']:.4f}  (epoch {epoch['epoch']})  {took:.0f} s")
print(f"seconds, theirs / ours: {seconds[1] / seconds[0]:.2f}")
sys.exit(best[1]["map50"] - best[0]["map50"] > 0.05)
