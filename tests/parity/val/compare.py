"""Prints ours beside theirs; exits 1 where mAP differs by more than 0.001."""
import json
import sys

worst = 0


def compare(head, metric, ours, theirs, shown):
    global worst
    apart = ours[metric] - theirs[metric]
    print("%-6s%-24s%10.4f%10.4f%+10.4f" % (head, shown, ours[metric], theirs[metric], apart))
    if metric.endswith(("map50", "map50_95")):
        worst = max(worst, abs(apart))


def metrics(file):
    return json.loads(open(file).readlines()[-1])["metrics"]


print("%-6s%-24s%10s%10s%10s" % ("head", "metric", "ours", "theirs", "apart"))
for head in ("o2o", "o2m"):
    theirs = json.load(open("theirs-%s.json" % head))
    ours = metrics("ours-%s.jsonl" % head)
    for metric in ("map50", "map75", "map50_95", "precision", "recall"):
        compare(head, metric, ours, theirs, metric)
    crowds = metrics("crowds-%s.jsonl" % head)
    for metric in ("coco_map50", "coco_map50_95"):
        compare(head, metric, ours, theirs["coco"], metric)
        # The detections differ a little, and fewer objects make more of that: what the crowds change is compared.
        compare(head, metric, {metric: crowds[metric] - ours[metric]},
                {metric: theirs["crowds"][metric] - theirs["coco"][metric]}, "crowds: " + metric)
sys.exit(worst > 0.001)
