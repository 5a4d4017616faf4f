# Sourced by cases that say `# alone`, while HOME is still the user's: kinds that are not Kubernetes' own. Needs expect.sh.

crds=$("$(dirname "${BASH_SOURCE[0]}")/build" "$(dirname "${BASH_SOURCE[0]}")/components/crds")
service_monitors=$crds/kinds/monitoring.coreos.com_servicemonitors.yaml
http_routes=$crds/standard/gateway.networking.k8s.io_httproutes.yaml
added=()

# has_kind FILE: the whole cluster has the kind that this CustomResourceDefinition defines, until the case ends.
has_kind() {
  local name
  added+=("$1")
  trap take_kinds_away EXIT
  KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl apply --server-side -f "$1" >/dev/null
  KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl wait --for=condition=Established --timeout=20s -f "$1" >/dev/null
  name=$(KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl get -f "$1" -o 'jsonpath={.metadata.name}')
  for _ in $(seq 100); do ! kubectl api-resources -o name | grep -qx "$name" || return 0; sleep 0.2; done
  echo "discovery does not show $name" >&2
  exit 1
}

take_kinds_away() {
  local each
  for each in "${added[@]}"; do KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl delete --ignore-not-found -f "$each" >/dev/null; done
}
