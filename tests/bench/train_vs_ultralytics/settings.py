"""Prints a run configuration out of the quickstart's values file and a number of epochs."""
import json
import sys

import yaml

with open(sys.argv[1]) as values:
    options = yaml.safe_load(values)
options["epochs"] = int(sys.argv[2])
options["model"] = "yolo26n"
options["data"] = "set by the flag"
print(json.dumps({"mode": "train", "options": options}))
