#!/usr/bin/env bash
# timeout: 60
# --gateway makes an HTTPRoute where the cluster has the Gateway API; where it has not, that is said and nothing is
# written. The kind is real to the API server; its own definition is not a part of Kubernetes.
# alone
. "$(dirname "$0")/../expect.sh"
export XDG_CONFIG_HOME=$PWD/config XDG_CACHE_HOME=$PWD/cache HOME=$PWD
admin=$KUBECONFIG
trap 'KUBECONFIG=$admin kubectl delete crd httproutes.gateway.networking.k8s.io --ignore-not-found >/dev/null' EXIT
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
web() { "$LOTSE" run service --image "$LOTSE_TEST_IMAGE" --name web --cpu 10m --memory 32Mi --detach "$@" -- serve 8080; }
exits 3 web --gateway infra/web
grep -q "the cluster has no HTTPRoute.gateway.networking.k8s.io in v1" err || { cat err >&2; exit 1; }
same "$(kubectl get configmaps,deployments -o name | grep -v kube-root)" "" "what was written"
KUBECONFIG=$admin kubectl apply -f - >/dev/null <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: {api-approved.kubernetes.io: "unapproved, a test"}
spec:
  group: gateway.networking.k8s.io
  names: {kind: HTTPRoute, plural: httproutes}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
END
KUBECONFIG=$admin kubectl wait crd/httproutes.gateway.networking.k8s.io --for=condition=Established --timeout=20s >/dev/null
for _ in $(seq 50); do ! web --gateway infra/web --hostname shapes.example.com >out 2>err || break; sleep 0.2; done
route() { kubectl get httproute web -o "jsonpath={.spec$1}"; }
same "$(route .parentRefs[0].namespace)/$(route .parentRefs[0].name) $(route .hostnames[0]) $(route .rules[0].backendRefs[0].name)" \
  "infra/web shapes.example.com web" "the route"
exits 0 web
same "$(kubectl get httproutes -o name)" "" "routes without --gateway"
exits 0 "$LOTSE" delete web
