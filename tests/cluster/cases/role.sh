#!/usr/bin/env bash
# The rights of role.yaml are enough to apply, watch and delete in one namespace, and give nothing beyond it.
. "$(dirname "$0")/../expect.sh"
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG

may() { kubectl auth can-i "$@" >/dev/null 2>&1; }

for kind in configmaps secrets services persistentvolumeclaims jobs.batch deployments.apps \
  horizontalpodautoscalers.autoscaling poddisruptionbudgets.policy leases.coordination.k8s.io; do
  for verb in get list watch create update patch delete; do
    may $verb $kind || { echo "may not $verb $kind"; exit 1; }
  done
done
for question in "create pods" "create pods/exec" "delete pods" "create roles" "list nodes" "list namespaces" \
  "list secrets --namespace default" "impersonate users"; do
  ! may $question || { echo "may $question"; exit 1; }
done

kubectl apply --server-side -f - <<END
apiVersion: batch/v1
kind: Job
metadata: {name: hello}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - {name: main, image: '$LOTSE_TEST_IMAGE', args: [print, hello]}
END
kubectl wait job/hello --for=condition=Complete --timeout=60s
same "$(kubectl logs job/hello)" hello "the log"
kubectl delete job hello
