#!/usr/bin/env bash
# timeout: 120
# Promises A6 P2 and P5. A served model whose object others write too: an autoscaler's replicas are left to it, conflicts
# name managers and fields and can be forced; scaling replaces no pod; what no kept revision mounts goes.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD LOTSE_IMAGE=localhost:5077/not-there:1
serve() { KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG "$LOTSE" serve volume:data/best.safetensors --name eyes --detach "$@"; }
of_eyes() { kubectl get deployment eyes -o "jsonpath={$1}"; }
sets() { kubectl get replicasets -l lotse.dev/workload=eyes -o name | wc -l; }
kubectl apply -f - <<<"{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
  spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Mi}}}}"

# Only what pods see makes new pods.
serve --replicas 0
serve --replicas 1
same "$(of_eyes .spec.replicas)" 1 "replicas"
kubectl wait deployment/eyes --for=jsonpath='{.status.replicas}'=1 --timeout=30s
pod=$(kubectl get pods -l lotse.dev/workload=eyes -o name)
serve --replicas 2 --service-port 8000
kubectl wait deployment/eyes --for=jsonpath='{.status.replicas}'=2 --timeout=30s
same "$(sets)" 1 "ReplicaSets after scaling"
kubectl get "$pod" >/dev/null
version=$(kubectl get configmap/eyes deployment/eyes service/eyes -o 'jsonpath={.items[*].metadata.resourceVersion}')
generation=$(of_eyes .metadata.generation)
serve --replicas 2 --service-port 8000
same "$(of_eyes .metadata.generation)" "$generation" "the generation after the same again"
same "$(kubectl get configmap/eyes -o 'jsonpath={.metadata.resourceVersion}')" "${version%% *}" "the anchor's version after the same again"

# An autoscaler.
serve --replicas 1
kubectl autoscale deployment eyes --min 2 --max 3
kubectl wait deployment/eyes --for=jsonpath='{.spec.replicas}'=2 --timeout=60s
serve 2>said
grep -q "keeps its 2 replicas: an autoscaler sets them" said || { cat said >&2; exit 1; }
serve --conf 0.5
same "$(of_eyes .spec.replicas)" 2 "the replicas that the autoscaler has set"
kubectl delete hpa eyes

# One that goes, by whose hand ever, leaves the number to the user.
serve --conf 0.5 --replicas 1
same "$(of_eyes .spec.replicas)" 1 "replicas after somebody's autoscaler"
serve --conf 0.5 --min 2 --max 3
kubectl wait deployment/eyes --for=jsonpath='{.spec.replicas}'=2 --timeout=60s
serve --conf 0.5 --replicas 1
same "$(of_eyes .spec.replicas) $(kubectl get hpa -o name)" "1 " "replicas and autoscalers once --max is dropped"
kubectl autoscale deployment eyes --min 2 --max 3
kubectl wait deployment/eyes --for=jsonpath='{.spec.replicas}'=2 --timeout=60s
kubectl delete hpa eyes

# Another manager.
kubectl set image deployment/eyes runner=localhost:5077/other:1
code=0
serve --conf 0.5 2>said || code=$?
same "$code" 4 "the exit code of a conflict"
for text in 'deployment/eyes' '  kubectl-set: .spec.template.spec.containers[name="runner"].image' \
  '  kube-controller-manager: .spec.replicas' --force-conflicts; do
  grep -qF -- "$text" said || { echo "'$text' is not in:" >&2; cat said >&2; exit 1; }
done
serve --conf 0.5 --replicas 0 --force-conflicts
same "$(of_eyes '.spec.template.spec.containers[0].image') $(of_eyes .spec.replicas)" "$LOTSE_IMAGE 0" "image and replicas, forced"

# Earlier revisions: the Deployment keeps three.
for conf in 0.1 0.2 0.3 0.4 0.6 0.7 0.8; do
  serve --replicas 0 --conf $conf >/dev/null
  kubectl rollout status deployment/eyes --timeout=30s >/dev/null
done
maps() { kubectl get configmaps -l lotse.dev/workload=eyes -o name | grep -c -- -config; }
[ "$(maps)" -le 5 ] || { echo "$(maps) ConfigMaps for $(sets) ReplicaSets" >&2; exit 1; }
for set in $(kubectl get replicasets -l lotse.dev/workload=eyes -o name); do
  kubectl get configmap "$(kubectl get "$set" -o 'jsonpath={.spec.template.spec.volumes[0].configMap.name}')" >/dev/null
done
KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG "$LOTSE" delete eyes
same "$(kubectl get all,configmaps,pdb -o name | grep -v configmap/kube-root-ca.crt || true)" "" "what is left"
