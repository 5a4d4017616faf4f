#!/usr/bin/env bash
# `lotse get` prints what kubectl prints: every kind of the server as table, wide, name and JSON, templates of jsonpath,
# pages, a kind that must be discovered.
# timeout: 400
# alone
. "$(dirname "$0")/../expect.sh"
lotse() { "$LOTSE" get "$@"; }

# agree COMPARE ARGUMENTS...: both print the same. What the cluster does in between may differ: a few tries.
agree() {
  local compare=$1
  shift
  for _ in 1 2 3 4 5; do
    kubectl get "$@" >theirs 2>theirs.err || true
    lotse "$@" >ours 2>ours.err || { [ -s theirs ] || return 0; cat ours.err; return 1; }
    if $compare; then return 0; fi
  done
  echo "get $*: theirs and ours" >&2
  diff theirs ours | head -20 >&2
  exit 1
}
as_bytes() { cmp -s theirs ours; }
# Ages tick, and a column is as wide as they are: the cells are compared.
as_table() {
  python3 - <<'P'
import re
def cells(name):
    return [re.split(r"\s{2,}", re.sub(r"\b(\d+[dhms]){1,2}\b", "AGE", line.rstrip())) for line in open(name)]
exit(cells("theirs") != cells("ours"))
P
}
# kubectl folds long lines and writes some characters otherwise: what the texts mean is compared, read by kubectl.
as_yaml() {
  for side in theirs ours; do kubectl label --local -f $side -o json none- >$side.json || return 1; done
  cmp -s theirs.json ours.json
}
as_json() { python3 -c 'import json; a, b = json.load(open("theirs")), json.load(open("ours")); exit(a != b)'; }

kubectl apply -f - <<END
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: '$LOTSE_TEST_IMAGE', args: [pause]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: texts, annotations: {odd: "<a&b> \"q\" \\\\ ä \u2028"}}
data: {many: "a\nb\n", empty: ""}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gauges.$LOTSE_TEST_NAMESPACE.example.com}
spec:
  group: $LOTSE_TEST_NAMESPACE.example.com
  names: {plural: gauges, singular: gauge, kind: Gauge, shortNames: [gg]}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      additionalPrinterColumns: [{name: Level, type: integer, jsonPath: .spec.level}, {name: More, type: string, jsonPath: .spec.more, priority: 1}]
END
crd=gauges.$LOTSE_TEST_NAMESPACE.example.com
trap 'kubectl delete crd "$crd" --wait=false >/dev/null 2>&1' EXIT
kubectl wait crd "$crd" --for=condition=Established --timeout=30s
kubectl apply -f - <<END
apiVersion: $LOTSE_TEST_NAMESPACE.example.com/v1
kind: Gauge
metadata: {name: oil}
spec: {level: 7, more: [1.5, 1e3, null, {a: b}]}
END
kubectl rollout status deployment web --timeout=60s

# The server's summary of its kinds follows a new one after a moment.
until lotse gg >/dev/null 2>&1 || [ $SECONDS -gt 60 ]; do sleep 0.2; done
for kind in gg gauges Gauge "$crd"; do same "$(lotse "$kind" -o name 2>/dev/null)" "gauge.$LOTSE_TEST_NAMESPACE.example.com/oil" "$kind"; done

# Component statuses come in no order; what is measured differs from one question to the next.
kinds=$(kubectl api-resources --verbs=list -o name | grep -v -e componentstatuses -e metrics.k8s.io)
for kind in $kinds; do
  agree as_table "$kind" -A
  agree as_bytes "$kind" -o name
  agree as_json "$kind" -A -o json
done
for kind in pods deploy services configmaps nodes "$crd"; do
  agree as_table "$kind"
  agree as_table "$kind" -o wide
  agree as_table "$kind" -A -o wide
  agree as_table "$kind" --no-headers
  agree as_json "$kind" -o json --show-managed-fields
  agree as_yaml "$kind" -o yaml
done
agree as_table deployment web
agree as_bytes gg # no column of it ticks
agree as_json deploy/web -o json
agree as_yaml deploy/web -o yaml
agree as_yaml configmap texts -o yaml
agree as_json gg oil -o json
agree as_table pods -l app=web
agree as_bytes pods -l 'app in (web,x),!y' -o name
agree as_table pods --field-selector status.phase=Running -o wide
agree as_bytes pods --field-selector status.phase=Failed
for path in '{.items[*].metadata.name}' '{range .items[*]}{.metadata.name}{"\t"}{.status.phase}{"\n"}{end}' \
  '{.items[?(@.status.phase=="Running")].spec.containers[0].image}' '{.items[0].metadata.labels}' '{.items[0].spec}' \
  '{.kind} {.apiVersion} {.metadata}' '{.items[0].metadata.managedFields[0].manager}' '{.items[*].spec.containers[*].name}'; do
  agree as_bytes pods -o "jsonpath=$path"
done

# More than a page.
for i in $(seq 1100); do echo "---
{apiVersion: v1, kind: ConfigMap, metadata: {name: many-$i, labels: {many: 'yes'}}}"; done | kubectl create -f - >/dev/null
agree as_bytes configmaps -l many=yes -o name
agree as_json configmaps -l many=yes -o json
lotse configmaps -l many=yes --verbose 2>requests >table
same "$(wc -l <table)" 1101 "rows"
same "$(grep -c 'GET .* 200 ' requests)" 3 "pages"

# A watch shows what happens, one line a change, until Ctrl-C.
timeout --signal=INT 60 "$LOTSE" get gg --watch -o name >watched 2>/dev/null &
watch=$!
until [ -s watched ]; do sleep 0.1; done
kubectl label gg oil a=b >/dev/null
kubectl delete gg oil >/dev/null
until [ "$(wc -l <watched)" = 3 ]; do sleep 0.1; done
kill -INT $watch
code=0
wait $watch || code=$?
echo "watch ended with $code"

# What is not there, or not allowed.
code=0
lotse pod nowhere 2>err || code=$?
same "$code $(grep -c 'pods "nowhere" not found' err)" "3 1" "a pod that is not there"
code=0
KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG lotse nodes 2>err || code=$?
same "$code $(grep -c 'cannot list resource "nodes"' err)" "3 1" "nodes, without the right"
