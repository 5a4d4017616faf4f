# `lotse get` against a scripted API server: what is asked, and how each form is printed.
serves team python3 "$CHECKOUT/tests/cli/api_server.py"
is() { [ "$1" = "$2" ] || { echo "FAILED: '$1' is not '$2'"; exit 1; }; }

# A table has the server's columns; three pages are one table; a cell cannot command the terminal.
expect 0 lotse get pods
is "$(wc -l <out)" 1101
is "$(head -2 out)" "NAME       PHASE
pod-0000   Running^[[31m"
says err "on context near, namespace team"
is "$(grep -c continue= requests)" 2
expect 0 lotse get po -o wide
is "$(head -2 out)" "NAME       PHASE           IMAGE
pod-0000   Running^[[31m   a..."
expect 0 lotse get pods --no-headers
is "$(wc -l <out)" 1100
expect 0 lotse get pods -A
is "$(head -2 out)" "NAMESPACE   NAME       PHASE
team        pod-0000   Running^[[31m"
expect 0 lotse get pod pod-0003 pod-0001
is "$(cut -c1-8 out)" "NAME    
pod-0003
pod-0001"
expect 0 lotse get pods -n empty
is "$(cat out)" ""
says err "no objects found in namespace empty"

# Objects are whole, with the kind that the items of a list lack, without managedFields.
expect 0 lotse get pods -o json
python3 - <<'P'
import json
all = json.load(open("out"))
assert (all["kind"], all["apiVersion"], all["metadata"]) == ("List", "v1", {"resourceVersion": ""})
assert [i["metadata"]["name"] for i in all["items"]] == ["pod-%04d" % i for i in range(1100)]
assert all["items"][7]["kind"] == "Pod" and all["items"][7]["spec"]["containers"][0]["image"] == 'a"b\\c'
assert "canary" not in open("out").read()
P
expect 0 lotse get pods -o json --show-managed-fields
says out canary-manager
expect 0 lotse get pods -n empty -o json
is "$(tr -d ' \n' <out)" '{"apiVersion":"v1","items":[],"kind":"List","metadata":{"resourceVersion":""}}'
expect 0 lotse get pods -n empty -o yaml
is "$(cat out)" 'apiVersion: v1
items: []
kind: List
metadata:
  resourceVersion: ""'
expect 0 lotse get pod/pod-0002 -o json
python3 -c 'import json; p = json.load(open("out")); assert p["kind"] == "Pod" and p["metadata"]["name"] == "pod-0002"'
expect 0 lotse get pod pod-0002 -o yaml
is "$(head -3 out)" "apiVersion: v1
kind: Pod
metadata:"
expect 0 lotse get pods pod-0001 pod-0002 -o yaml
says out "- apiVersion: v1"
expect 0 lotse get pods -o name
is "$(sed -n 3p out)" pod/pod-0002
expect 0 lotse get pods pod-0001 -o 'jsonpath={.metadata.name}{"\n"}'
is "$(cat out)" pod-0001
expect 0 lotse get pods -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
is "$(wc -l <out)" 1100

# Another kind is asked for once; then the server only says that nothing changed.
expect 0 lotse get wd -o name
is "$(cat out)" widget.example.com/w
expect 0 lotse get widgets.example.com
says out w
is "$(grep -c 'GET /apis$' requests)" 2
[ "$(stat -c %a "$HOME"/.cache/lotse/discovery/*.json)" = 600 ]

# Selectors are sent as they are written.
expect 0 lotse get pods -l 'a in (b,c)' --field-selector status.phase=Running -o name
says requests "labelSelector=a%20in%20%28b%2Cc%29&fieldSelector=status.phase%3DRunning"

# A watch goes on until Ctrl-C.
for form in table name json; do
  code=0
  timeout --signal=INT 3 lotse get pods --watch -o $form >out 2>err </dev/null || code=$?
  is "$code" 124
  says out pod-new
done

# Mistakes.
expect 3 lotse get pod pod-0001 nowhere
says out pod-0001
says err 'pods "nowhere" not found'
expect 3 lotse get wigdets
says err "did you mean widgets?"
expect 2 lotse get
says err "KIND is missing"
expect 2 lotse get pods -o xml
says err "must be one of table, wide, name, json, yaml, jsonpath="
expect 2 lotse get pods -o 'jsonpath={.items[*]'
says err "jsonpath:"
expect 2 lotse get pods,services
expect 2 lotse get pod/a svc/b
expect 2 lotse get pod a -l x=y
expect 2 lotse get pod a -A
expect 2 lotse get pods --on local
says err "local has no API server"
