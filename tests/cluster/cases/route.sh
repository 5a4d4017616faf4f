#!/usr/bin/env bash
# timeout: 60
# --gateway makes an HTTPRoute where the cluster has the Gateway API; where it has not, that is said and nothing is
# written. The definition of the kind is the Gateway API's own.
# alone
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../kinds.sh"
export XDG_CONFIG_HOME=$PWD/config XDG_CACHE_HOME=$PWD/cache HOME=$PWD
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
web() { "$LOTSE" run service --image "$LOTSE_TEST_IMAGE" --name web --cpu 10m --memory 32Mi --detach "$@" -- serve 8080; }
exits 3 web --gateway infra/web
grep -q "the cluster has no HTTPRoute.gateway.networking.k8s.io in v1" err || { cat err >&2; exit 1; }
same "$(kubectl get configmaps,deployments -o name | grep -v kube-root)" "" "what was written"
has_kind "$http_routes"
exits 0 web --gateway infra/web --hostname shapes.example.com
route() { kubectl get httproute web -o "jsonpath={.spec$1}"; }
same "$(route .parentRefs[0].namespace)/$(route .parentRefs[0].name) $(route .hostnames[0]) $(route .rules[0].backendRefs[0].name)" \
  "infra/web shapes.example.com web" "the route"
exits 0 web
same "$(kubectl get httproutes -o name)" "" "routes without --gateway"
exits 0 "$LOTSE" delete web
