#!/usr/bin/env bash
# The rights of role.yaml are enough to apply, watch and delete in one namespace, and give nothing beyond it.
. "$(dirname "$0")/../expect.sh"
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG

# Without what every service account may do: ask for its own rights, read /api, /healthz and the like, and trust bundles.
rights=$(kubectl auth can-i --list --no-headers | grep -vE '^ |^self|^clustertrustbundles' | tr -s ' ' | LC_ALL=C sort)
same "$rights" "configmaps [] [] [get list watch create patch delete]
cronjobs.batch [] [] [get list create patch delete]
deployments.apps [] [] [get list watch create patch delete]
deployments.apps/scale [] [] [patch]
events [] [] [list watch]
events.events.k8s.io [] [] [list watch]
horizontalpodautoscalers.autoscaling [] [] [get list create patch delete]
httproutes.gateway.networking.k8s.io [] [] [get list create patch delete]
jobs.batch [] [] [get list watch create patch delete]
localqueues.kueue.x-k8s.io [] [] [get]
networkpolicies.networking.k8s.io [] [] [get list create patch delete]
persistentvolumeclaims [] [] [get list watch create patch delete]
poddisruptionbudgets.policy [] [] [get list create patch delete]
podgroups.scheduling.k8s.io [] [] [get list create patch delete]
pods [] [] [get list watch create patch delete]
pods.metrics.k8s.io [] [] [list]
pods/exec [] [] [get create]
pods/log [] [] [get]
pods/portforward [] [] [get create]
replicasets.apps [] [] [list watch]
resourceclaimtemplates.resource.k8s.io [] [] [get list create patch delete]
rolebindings.rbac.authorization.k8s.io [] [] [get list create patch delete]
roles.rbac.authorization.k8s.io [] [] [get list create patch delete]
secrets [] [] [get list create patch delete]
serviceaccounts [] [] [get list create patch delete]
servicemonitors.monitoring.coreos.com [] [] [get list create patch delete]
services [] [] [get list watch create patch delete]
workloads.kueue.x-k8s.io [] [] [list patch]" "the rights in its namespace"
# `lotse context check` asks for these and no others.
"$LOTSE" context check -o json >check
fits check context-check
same "$(python3 -c 'import json
for each in sorted(json.load(open("check"))["rights"], key=lambda each: each["resource"]):
    assert not each["missing"], each
    name, _, part = each["resource"].partition("/")
    print(name + ("/" + part if part else ""), "[]", "[]", "[" + " ".join(each["allowed"]) + "]")' | LC_ALL=C sort)" \
  "$(LC_ALL=C sort <<<"$rights")" "the rights that lotse asks for"
code=0
"$LOTSE" context check --namespace default >elsewhere 2>refused || code=$?
same $code 3 "the exit code where rights are missing"
grep -qE '^jobs.batch +get list watch create patch delete$' elsewhere
grep -q "rights that Lotse needs are missing in namespace default" refused

! kubectl auth can-i list pods --namespace default || { echo "may list pods --namespace default" >&2; exit 1; }
! kubectl auth can-i list nodes || { echo "may list nodes" >&2; exit 1; }

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
