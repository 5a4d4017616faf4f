# lotse run TEMPLATE: names and paths, any container, own templates; template init, lint, eval.
expect 0 lotse run --help
says out "job"
says out "Usage: lotse run [FLAGS] TEMPLATE"
expect 0 lotse run job --help
says out "--fatal-codes"
says out "the image that the pods run"
expect 2 lotse run
says err "needs a template"
expect 2 lotse run jub
says err "did you mean job?"

# Any container: the image is named, LOTSE_IMAGE is the runner's.
LOTSE_IMAGE=registry.example/lotse-runner:1 expect 2 lotse run job --dry-run --on local -- echo
says err "--image: is required"
expect 0 lotse run job --image busybox:1.37 --name hello --env A=b --dry-run -o json --on local -- sh -c 'echo $A'
python3 - <<'P'
import json
objects = json.load(open("out"))
job = next(o for o in objects if o["kind"] == "Job")
main = job["spec"]["template"]["spec"]["containers"][0]
assert main["image"] == "busybox:1.37" and main["args"] == ["sh", "-c", "echo $A"], main
env = next(o for o in objects if o["kind"] == "ConfigMap" and o["metadata"]["name"].endswith("-env"))
assert env["data"] == {"A": "b"}, env
P
expect 2 lotse run job --image busybox:1.37 --on local -- echo
says err "image busybox:1.37 cannot run locally"
expect 2 lotse run job --image busybox:1.37 --input data --dry-run --on local
says err "volume:CLAIM"

# Carried out here: the runner's image is the one program that can be, and this one stands in for it.
cat >fake <<'E'
#!/bin/sh
echo "args: $* level: $LOG_LEVEL, $JOB_COMPLETION_INDEX of $LOTSE_WORKERS in $LOTSE_VOLUME_INPUT"
[ "$1" != fail ] || exit 3
E
chmod +x fake
mkdir data
export LOTSE_RUNNER=$PWD/fake
expect 0 lotse plan run job --help
says out "--fatal-codes"
expect 10 lotse plan run job --image lotse-runner --name both --on local -- hello
expect 0 lotse run job --image lotse-runner --name both --on local --workers 2 --env LOG_LEVEL=debug --input ./data -- hello -x
says out "args: hello -x level: debug, 0 of 2 in $PWD/data"
says out "[1] args: hello -x level: debug, 1 of 2 in $PWD/data"
expect 1 lotse run job --image lotse-runner --name fails --on local --fatal-codes 3 -- fail
says err "'fails' failed: exit 3"
expect 0 lotse delete both fails --on local
unset LOTSE_RUNNER

# A template of one's own: from a copy, checked, run by its path and by its name.
expect 0 lotse template init mine --from service
says out "lotse template lint ./mine"
says out "made ./mine: template.yaml, 9 manifests"
expect 2 lotse template init "$(printf 'a%.0s' {1..64})"
says err "at most 63 lower-case letters"
expect 2 lotse template init other --from ./nowhere
says err "./nowhere: is no folder"
expect 2 lotse template init mine
says err "is not empty"
expect 0 lotse template lint ./mine
expect 0 lotse run ./mine --image x --name m --dry-run -o json --on local
says out '"lotse.dev/template": "mine"'
expect 2 lotse run mine --help
says err "the folder here is named ./mine"
mkdir -p "$HOME/.config/lotse/templates"
mv mine "$HOME/.config/lotse/templates/"
expect 0 lotse run mine --help
expect 0 lotse template list
says out "$HOME/.config/lotse/templates/mine"
expect 0 lotse __complete template
says out mine
expect 0 lotse __complete flags -- run --on local mine
says out --ready-path

# What a Secret holds is applied, and not printed.
mkdir -p keyed/manifests
cat >keyed/template.yaml <<'E'
name: keyed
kind: job
version: 1.0.0
help: A Secret.
schema: {type: object, additionalProperties: false, properties: {password: {type: string, default: "", x-lotse: {secret: true}}}}
E
cat >keyed/manifests/secret.yaml <<'E'
apiVersion: v1
kind: Secret
metadata: {name: "${workload.name}-password", labels: {$eval: workload.labels}}
stringData: {password: "${values.password}"}
E
for command in "run ./keyed --password canary-5e --image x --dry-run --on local" "template render ./keyed --set password=canary-5e -o json"; do
  expect 0 lotse $command
  says out "(hidden)"
  if grep -q canary-5e out err; then echo "FAILED: lotse $command shows the password"; exit 1; fi
done

# A name found twice: said, and the verbs are not taken over.
mkdir more
cp -r "$HOME/.config/lotse/templates/mine" "$HOME/.config/lotse/templates/train"
cp -r "$HOME/.config/lotse/templates/mine" more/mine
expect 0 lotse run train --help
says err "template train: taken from $HOME/.config/lotse/templates/train; hidden by it: built in"
expect 0 lotse run --template-path more mine --help
says err "taken from more/mine; hidden by it: $HOME/.config/lotse/templates/mine"
LOTSE_TEMPLATE_PATH=$PWD/more expect 0 lotse run mine --help
says err "taken from $PWD/more/mine"
LOTSE_TEMPLATE_PATH=more expect 2 lotse run mine --help
says err "does not begin with /"
expect 2 lotse run --template-path nowhere mine --help
says err "no folder"
expect 0 lotse train --help
says out "--epochs"
[ ! -s err ] || { echo "FAILED: lotse train said:"; cat err; exit 1; }

# lint: 2 on an error, 0 with warnings.
sed -i 's/revisionHistoryLimit/revisonHistoryLimit/' more/mine/manifests/40-deployment.yaml
expect 2 lotse template lint ./more/mine -o json
fits out template-lint
python3 - <<'P'
import json
report = json.load(open("out"))
assert report["apiVersion"] == "lotse/v1" and report["renders"] > 50, report
errors = [f for f in report["findings"] if f["severity"] == "error"]
assert [f["hint"] for f in errors] == ["did you mean revisionHistoryLimit?"], errors
P
expect 0 lotse template lint train --template-path more

# eval: a value, or exit 2.
printf 'a: {$eval: "x + 1"}\nb: {$fromNow: 1 day}\n' >t.yaml
printf 'x: 2\n' >c.yaml
expect 0 lotse template eval t.yaml -f c.yaml --now 2026-01-31T12:00:00Z -o json
python3 -c 'import json; assert json.load(open("out")) == {"a": 3, "b": "2026-02-01T12:00:00.000Z"}'
expect 2 lotse template eval t.yaml -f c.yaml
says err "there is no clock"
expect 2 lotse template eval t.yaml --now 2026-01-31T12:00:00Z
says err "t.yaml:1:4: InterpreterError at template.a: unknown context value x"
printf -- '- 1\n' >list.yaml
expect 2 lotse template eval t.yaml -f list.yaml
says err "must be a mapping of variables"
