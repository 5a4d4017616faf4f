"""Prints ours beside theirs; exits 1 where mAP differs by more than 0.001."""
import json
import sys

worst = 0
print("%-6s%-16s%10s%10s%10s" % ("head", "metric", "ours", "theirs", "apart"))
for head in ("o2o", "o2m"):
    ours = json.loads(open("ours-%s.jsonl" % head).readlines()[-1])["metrics"]
    theirs = json.load(open("theirs-%s.json" % head))
    theirs.update(theirs["coco"])
    for metric in ("map50", "map75", "map50_95", "coco_map50", "coco_map50_95", "precision", "recall"):
        apart = ours[metric] - theirs[metric]
        print("%-6s%-16s%10.4f%10.4f%+10.4f" % (head, metric, ours[metric], theirs[metric], apart))
        if metric.endswith(("map50", "map50_95")):
            worst = max(worst, abs(apart))
sys.exit(worst > 0.001)
