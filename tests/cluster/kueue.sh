# Sourced by tests/soak/queued_runs while HOME is still the user's. start_kueue runs Kueue's controller, a process of this
# machine, with its webhooks, for the case's namespace alone, until the case ends. It is set up as Kueue's own manifests
# have it, but for their Deployment and certificates. Needs expect.sh, and the folder of the test cluster in `cluster`.

kueue=$("$cluster/build" "$cluster/extras/kueue")

start_kueue() {
  local address
  address=$(. "$cluster/settings.sh" && echo $host_address) # of this machine, as the API server reaches it
  mkdir -p etc/kueue/metrics/certs
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=kueue \
    -addext "subjectAltName=IP:$address" -keyout etc/kueue/metrics/certs/tls.key -out etc/kueue/metrics/certs/tls.crt 2>/dev/null
  cat >kueue.yaml <<END
apiVersion: config.kueue.x-k8s.io/v1beta2
kind: Configuration
health: {healthProbeBindAddress: "$address:18081"}
metrics: {bindAddress: "0"}
webhook: {host: $address, port: 19443, certDir: $PWD/etc/kueue/metrics/certs}
leaderElection: {leaderElect: false}
internalCertManagement: {enable: false}
integrations: {frameworks: [batch/job]}
managedJobsNamespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $LOTSE_TEST_NAMESPACE}}
featureGates: {VisibilityOnDemand: false}
END
  kubectl create --dry-run=client -o json -f "$kueue/webhook/manifests.yaml" |
    python3 -c "$webhooks_of" "$address" etc/kueue/metrics/certs/tls.crt "$LOTSE_TEST_NAMESPACE" >webhooks.json
  trap stop_kueue EXIT
  kubectl apply --server-side -f "$kueue/bases" >/dev/null
  kubectl wait --for=condition=Established --timeout=30s -f "$kueue/bases" >/dev/null
  # It wants certificates in /etc, which is its own here.
  unshare --mount bash -c 'mount --bind "$1/etc" /etc && exec "$2/kueue" --config "$1/kueue.yaml"' - "$PWD" "$kueue" >kueue.log 2>&1 &
  controller=$!
  kubectl apply -f webhooks.json >/dev/null
  for _ in $(seq 150); do
    ! curl --silent --fail --noproxy '*' "http://$address:18081/readyz" >/dev/null || break
    sleep 0.2
  done
  await_collector
}

# The garbage collector looks every 30 s which kinds there are. Before it knows Kueue's, a Workload outlives its Job for so
# long, and Kueue takes it for that of the next Job of this name.
await_collector() {
  kubectl create configmap owner >/dev/null
  kubectl apply -f - >/dev/null <<END
apiVersion: kueue.x-k8s.io/v1beta2
kind: LocalQueue
metadata:
  name: owned
  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: $(kubectl get configmap owner -o 'jsonpath={.metadata.uid}')}]
spec: {clusterQueue: none}
END
  kubectl delete configmap owner >/dev/null
  kubectl wait --for=delete localqueue/owned --timeout=90s >/dev/null
}

# Its custom resources go while it still runs: their finalizers are Kueue's to take off.
stop_kueue() {
  local code=$?
  {
    kubectl delete jobs --all --timeout=30s
    kubectl delete clusterqueues,resourceflavors --all --timeout=30s
    kubectl delete -f webhooks.json
    [ -z "${controller-}" ] || kill "$controller" || true
    kubectl delete -f "$kueue/bases" --timeout=60s
    [ $code = 0 ] || tail -n 20 kueue.log
  } >&2
  return $code
}

# Of Kueue's webhooks those for what is used here, at an address instead of a Service.
webhooks_of='
import base64, json, sys
decoder, text, (address, certificate, namespace) = json.JSONDecoder(), sys.stdin.read().strip(), sys.argv[1:]
bundle = base64.b64encode(open(certificate, "rb").read()).decode()
used = {kind + name + ".kb.io" for kind in "mv" for name in ("job", "clusterqueue", "cohort", "resourceflavor", "workload")}
items = []
while text:
    one, end = decoder.raw_decode(text)
    items += one.get("items", [one])
    text = text[end:].strip()
for each in items:
    each["metadata"] = {"name": "kueue-" + each["metadata"]["name"]}
    each["webhooks"] = [hook for hook in each["webhooks"] if hook["name"] in used]
    for hook in each["webhooks"]:
        url = "https://%s:19443%s" % (address, hook["clientConfig"]["service"]["path"])
        hook["clientConfig"] = {"url": url, "caBundle": bundle}
        if hook["name"][1:] in ("job.kb.io", "workload.kb.io"):
            hook["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
print(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))'
