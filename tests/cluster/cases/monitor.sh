#!/usr/bin/env bash
# timeout: 120
# --metrics-path: annotations of the pods where there is no Prometheus operator, or no right to make its kind; where there
# is, a ServiceMonitor in their place, as the operator's own definition has it, which finds the Service and its port. It goes
# with the flag and with the workload.
# alone
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../kinds.sh"
export XDG_CONFIG_HOME=$PWD/config XDG_CACHE_HOME=$PWD/cache HOME=$PWD
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
small=(--image "$LOTSE_TEST_IMAGE" --name web --cpu 10m --memory 32Mi --grace 1 --drain-seconds 0)
web() { "$LOTSE" run service "${small[@]}" --detach "$@" -- serve 8080; }
annotations() { kubectl get deployment web -o json | python3 -c 'import json, sys
its = json.load(sys.stdin)["spec"]["template"]["metadata"].get("annotations", {})
print(*(name + "=" + its[name] for name in sorted(its) if name.startswith("prometheus.io/")))'; }
monitors() { kubectl get servicemonitors -o name; }
scraped="prometheus.io/path=/metrics prometheus.io/port=8080 prometheus.io/scrape=true"

exits 0 web --metrics-path /metrics
same "$(annotations)" "$scraped" "annotations without the operator"
echo "without the kind: annotations $(annotations)"

has_kind "$service_monitors"
exits 10 "$LOTSE" plan run service "${small[@]}" --metrics-path /metrics --label release=prometheus -- serve 8080
says "+ servicemonitor/web"
exits 0 web --metrics-path /metrics --label release=prometheus
same "$(monitors)" "servicemonitor.monitoring.coreos.com/web" "monitors"
same "$(annotations)" "" "annotations beside a ServiceMonitor"
monitor() { kubectl get servicemonitor web -o "jsonpath={$1}"; }
same "$(monitor .metadata.labels.release) $(monitor .spec.endpoints[0].path)" "prometheus /metrics" "label and path"
selector=$(monitor .spec.selector.matchLabels | python3 -c 'import json, sys
print(",".join(name + "=" + value for name, value in json.load(sys.stdin).items()))')
same "$(kubectl get services -l "$selector" -o name)" "service/web" "what $selector finds"
port=$(monitor .spec.endpoints[0].port)
same "$(kubectl get service web -o "jsonpath={.spec.ports[?(@.name=='$port')].targetPort}")" "http" "the Service's port $port"
echo "with the kind: $(monitors) selects $selector, port $port"

# The definition is no empty one: what is sent has no field that it does not know, and it refuses what is wrong.
exits 0 "$LOTSE" run service "${small[@]}" --metrics-path /metrics --dry-run=server -o json -- serve 8080
python3 -c 'import json
made = [each for each in json.load(open("out")) if each["kind"] == "ServiceMonitor"][0]
made["metadata"]["name"] = "copy"
json.dump(made, open("copy.json", "w"))
made["spec"]["endpoints"][0]["port"] = 8080
json.dump(made, open("wrong.json", "w"))'
exits 0 kubectl create --dry-run=server --validate=strict -f copy.json
exits 1 kubectl create --dry-run=server --validate=strict -f wrong.json
grep -q "spec.endpoints\[0\].port" err || { cat err >&2; exit 1; }
echo "the server refuses another port: $(grep -o 'spec.endpoints.*' err | head -1)"

exits 0 web --metrics-path ''
same "$(monitors)" "" "monitors without --metrics-path"
exits 0 web --metrics-path /metrics
same "$(monitors)" "servicemonitor.monitoring.coreos.com/web" "monitors"
exits 0 "$LOTSE" delete web
for _ in $(seq 300); do [ -n "$(monitors)" ] || break; sleep 0.2; done
same "$(monitors)" "" "monitors after delete"
echo "without --metrics-path, and after delete: none"

# Who may make none has annotations.
KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl get role lotse -o json | python3 -c 'import json, sys
role = json.load(sys.stdin)
role["rules"] = [rule for rule in role["rules"] if "servicemonitors" not in rule["resources"]]
print(json.dumps(role))' | KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl replace -f - >/dev/null
exits 0 web --metrics-path /metrics
same "$(annotations)" "$scraped" "annotations of who may make no ServiceMonitor"
echo "without the right: annotations"
exits 0 "$LOTSE" delete web
