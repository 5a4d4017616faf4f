# template list, show, render; --dry-run prints the same objects.
expect 0 lotse template list
for name in train val export infer serve; do says out "$name"; done
expect 0 lotse template list -o json
fits out template-list
python3 -c 'import json; assert {t["name"] for t in json.load(open("out"))["templates"]} >= {"train","export","infer","serve"}'
expect 0 lotse template show train
says out "completionMode: Indexed"
expect 0 lotse template show train -o json
fits out template-show
expect 2 lotse template show trian
says err "train"
expect 0 lotse template render train --set data=volume:shapes/data.yaml --set epochs=3 -o json
cp out first
python3 - <<'P'
import json
objects = json.load(open("first"))
kinds = [o["kind"] for o in objects]
assert kinds[0] == "ConfigMap" and "Job" in kinds, kinds
run = next(json.loads(o["data"]["run.json"]) for o in objects if "run.json" in o.get("data", {}))
assert run["mode"] == "train" and run["options"]["epochs"] == 3, run
assert run["options"]["data"] == "volume:shapes/data.yaml"
assert all(o["metadata"]["namespace"] == "default" for o in objects)
P
expect 0 lotse template render train --set data=volume:shapes/data.yaml --set epochs=3 -o json
cmp out first
expect 0 lotse template render train --set data=volume:shapes/data.yaml --set epochs=4 -o json
if cmp -s out first; then echo "FAILED: other values, same objects"; exit 1; fi
printf 'data: volume:shapes/data.yaml\nepochs: 3\n' >values.yaml
expect 0 lotse template render train -f values.yaml -o json
cmp out first
expect 0 lotse train -f values.yaml --name train --on local --dry-run -o json
says out '"kind": "Job"'
printf 'data: volume:shapes/data.yaml\nepohs: 3\n' >wrong.yaml
expect 2 lotse template render train -f wrong.yaml
says err "wrong.yaml:2"
