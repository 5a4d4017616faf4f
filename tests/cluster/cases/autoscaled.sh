#!/usr/bin/env bash
# timeout: 180
# A service that its HorizontalPodAutoscaler scales to nothing, and back, is idle and not stopped; an autoscaler that
# cannot read its metric is told. The autoscalers are real; the metric, of external.metrics.k8s.io, is served by this case.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD LOTSE_IMAGE=$LOTSE_TEST_IMAGE
here=$(cd "$(dirname "$0")/.." && pwd)
address=$(. "$here/settings.sh" && echo $host_address) # of this machine, as the API server reaches it
serve() { "$LOTSE" serve --template "$here/templates/serve" --detach "$@"; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=metrics -keyout key -out crt 2>/dev/null
cat >metrics.py <<'END'
import http.server, json, ssl, sys, time

group = "external.metrics.k8s.io/v1beta1"

class Metrics(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if "/namespaces/" in self.path:
            item = {"metricName": "waiting", "metricLabels": {}, "value": open("value").read().strip(),
                    "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
            answer = {"kind": "ExternalMetricValueList", "apiVersion": group, "metadata": {}, "items": [item]}
        else:
            resource = {"name": "waiting", "singularName": "", "namespaced": True, "kind": "ExternalMetricValueList",
                        "verbs": ["get"]}
            answer = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": [resource]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer((sys.argv[1], 19444), Metrics)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("crt", "key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
END
echo 0 >value
python3 metrics.py "$address" &
metrics=$!
trap 'kubectl delete apiservice v1beta1.external.metrics.k8s.io --ignore-not-found >&2; kill $metrics' EXIT
kubectl apply -f - >/dev/null <<END
apiVersion: v1
kind: Service
metadata: {name: metrics}
spec: {ports: [{port: 443, targetPort: 19444}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: metrics, labels: {kubernetes.io/service-name: metrics}}
addressType: IPv4
ports: [{port: 19444}]
endpoints: [{addresses: [$address]}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.external.metrics.k8s.io}
spec:
  group: external.metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: metrics, namespace: $LOTSE_TEST_NAMESPACE}
END

"$LOTSE" run service --image "$LOTSE_TEST_IMAGE" --name naps --cpu 10m --memory 32Mi --min 0 --max 2 --scale-down-after 0 \
  --target external:waiting=1 --detach -- serve 8080 >/dev/null
for name in eyes blind paused; do serve --name $name >/dev/null; done
kubectl scale deployment paused --replicas 0 >/dev/null
kubectl apply -f - >/dev/null <<END
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: to-zero}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: eyes}
  minReplicas: 0
  maxReplicas: 2
  metrics: [{type: External, external: {metric: {name: waiting}, target: {type: AverageValue, averageValue: "1"}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: blind}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: blind}
  maxReplicas: 2
  metrics:
  - {type: Object, object: {describedObject: {kind: Service, name: none}, metric: {name: missing}, target: {type: Value, value: "1"}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: paused}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: paused}
  maxReplicas: 2
  metrics: [{type: External, external: {metric: {name: waiting}, target: {type: AverageValue, averageValue: "1"}}}]
END

until_says "eyes: Idle" "$LOTSE" status eyes
same "$(kubectl get deployment eyes -o 'jsonpath={.spec.replicas}')" 0 "the replicas of what is idle"
"$LOTSE" status eyes -o json >out
fits out status
# The same by --min 0: it begins with a pod, which its autoscaler takes away.
until_says "naps: Idle" "$LOTSE" status naps
until_says "1. ScaledToZero  deployment/naps, horizontalpodautoscaler/naps" "$LOTSE" why naps
KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG exits 0 "$LOTSE" why eyes
says "1. ScaledToZero  deployment/eyes, horizontalpodautoscaler/to-zero"
says "ScaledToZero: the HPA controller scaled the workload to zero (from 0 to 2 replicas)"
exits 0 "$LOTSE" wait eyes --for ready --timeout 10s
until_says "1. Suspended  deployment/paused" "$LOTSE" why paused
until_says "its autoscaler: ScalingDisabled: scaling is disabled" "$LOTSE" why paused
until_says "1. AutoscalerFailing  horizontalpodautoscaler/blind" "$LOTSE" why blind
says "ScalingActive is False: FailedGetObjectMetric: "
"$LOTSE" why blind -o json >out
fits out why
exits 0 "$LOTSE" list
grep -qE '^eyes +serve +Idle' out && grep -qE '^paused +serve +Stopped' out || { cat out >&2; exit 1; }

# It comes back as its metric asks for it.
echo 1 >value
until_says "eyes: Ready" "$LOTSE" status eyes
until_says "naps: Ready" "$LOTSE" status naps
exits 0 "$LOTSE" why eyes
says "nothing is wrong with it"
