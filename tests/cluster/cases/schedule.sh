#!/usr/bin/env bash
# timeout: 300
# --schedule: the CronJob that is due really scales a service, from an image of lotse alone, under Pod Security restricted
# and with the right to patch one object; an upgrade leaves the number alone; with --max it is the autoscaler's least
# number; without the schedule nothing of it is left. With the rights of role.yaml, and with less.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
admin=$KUBECONFIG ns=$LOTSE_TEST_NAMESPACE
kubectl label namespace "$ns" pod-security.kubernetes.io/enforce=restricted \
  pod-security.kubernetes.io/enforce-version=v1.37 >/dev/null
exits 0 "$LOTSE" image build --lotse-alone --folder image --tag lotse:test
tail -3 out
image=$("$(dirname "$0")/../push" image "lotse/lotse:$ns")
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
web() {
  "$LOTSE" run service --image "$LOTSE_TEST_IMAGE" --name web --cpu 10m --memory 32Mi --grace 1 --drain-seconds 0 \
    --schedule-image "$image" --detach "$@" -- serve 8080
}
of() { KUBECONFIG=$admin kubectl get "$1" web -o "jsonpath={.spec.$2}"; }
until_is() { # KIND FIELD NUMBER
  for _ in $(seq 600); do [ "$(of "$1" "$2")" != "$3" ] || return 0; sleep 0.2; done
  echo "$1 has $2 $(of "$1" "$2"), not $3" >&2
  KUBECONFIG=$admin kubectl describe cronjobs,jobs,pods -l '!app.kubernetes.io/managed-by' >&2
  KUBECONFIG=$admin kubectl logs -l lotse.dev/schedule=web >&2
  exit 1
}

# The next minute that is at least half a minute away.
from=$(date -u -d '+90 seconds' +%H:%M) to=$(date -u -d '+10 minutes' +%H:%M)
exits 2 web --schedule 'weekday 07:00-09:30 = 20' --time-zone Europe/Berlin
grep -q "did you mean weekdays?" err || { cat err >&2; exit 1; }
exits 2 web --schedule "daily $from-$to = 2; else 1" --time-zone Europe/Berlinn
exits 2 "$LOTSE" run service --on local --image "$LOTSE_TEST_IMAGE" --schedule 'daily 07:00-09:30 = 2' --schedule-image x
same "$(kubectl get configmaps,deployments,cronjobs -o name | grep -v kube-root)" "" "what was written"
exits 0 web --schedule "daily $from-$to = 3; else 1"
same "$(of deployment replicas)" 1 "replicas before the time"
same "$(kubectl get cronjobs -o 'jsonpath={.items[*].spec.timeZone}')" "UTC UTC" "time zones"
exits 10 "$LOTSE" plan run service --image "$LOTSE_TEST_IMAGE" --name web --schedule "daily $from-$to = 3; else 4" \
  --schedule-image "$image" --cpu 10m --memory 32Mi --grace 1 --drain-seconds 0 -- serve 8080
says "spec.replicas: 1 -> 4"
can() { KUBECONFIG=$admin kubectl auth can-i "$@" --as "system:serviceaccount:$ns:web-schedule"; }
same "$(can patch deployments/web --subresource=scale)" yes "to patch the scale of web"
for other in "patch deployments/other --subresource=scale" "patch deployments/web" "get deployments/web" "list pods" "get secrets/web"; do
  # shellcheck disable=SC2086
  same "$(can $other || true)" no "$other"
done
until_is deployment replicas 3
exits 0 web --schedule "daily $from-$to = 3; else 1" --env A=b
same "$(of deployment replicas)" 3 "replicas after an upgrade"
KUBECONFIG=$admin kubectl create job back --from=cronjob/web-schedule-1 >/dev/null
until_is deployment replicas 1
exits 2 "$LOTSE" scale web --replicas 2
exits 0 "$LOTSE" scale web --replicas 2 --unrecorded
same "$(of deployment replicas)" 2 "replicas that a person set"
exits 0 "$LOTSE" stop web
same "$(of deployment replicas) $(kubectl get cronjobs -o 'jsonpath={.items[*].spec.suspend}')" "0 true true" "stopped"
until_says "web: Stopped" "$LOTSE" status web
exits 0 "$LOTSE" start web
same "$(of deployment replicas) $(kubectl get cronjobs -o 'jsonpath={.items[*].spec.suspend}')" "3 false false" "started"
exits 0 "$LOTSE" list
grep -q '^web ' out || { cat out >&2; exit 1; }

# With an autoscaler.
exits 0 web --schedule "daily $from-$to = 3; else 1" --min 1 --max 5
same "$(kubectl get role web-schedule -o 'jsonpath={.rules[0].resources[0]}')" horizontalpodautoscalers "what may be patched"
KUBECONFIG=$admin kubectl create job least --from=cronjob/web-schedule-1 >/dev/null
until_is hpa minReplicas 1
KUBECONFIG=$admin kubectl create job more --from=cronjob/web-schedule-2 >/dev/null
until_is hpa minReplicas 3
exits 0 web --schedule "daily $from-$to = 3; else 1" --min 1 --max 5 --env A=c
same "$(of hpa minReplicas)" 3 "the least number after an upgrade"

# Without the schedule, with its own number again; a schedule of nothing is no pause.
exits 0 web --replicas 2 --force-conflicts
same "$(of deployment replicas)" 2 "replicas without a schedule"
same "$(kubectl get cronjobs,roles,rolebindings,serviceaccounts,hpa -o name | grep web)" "" "what is left of the schedule"
exits 0 web --replicas 1
same "$(of deployment replicas)" 1 "replicas that are applied"
exits 0 web --schedule 'mon,tue,wed,thu,fri,sat,sun 00:00-23:59 = 0; else 1'
until_says "ScaledToZero" "$LOTSE" why web
says "its schedule brings it back: mon,tue"
exits 0 "$LOTSE" delete web
for _ in $(seq 100); do [ -n "$(kubectl get cronjobs,roles -o name | grep web)" ] || break; sleep 0.2; done
same "$(kubectl get cronjobs,roles,rolebindings,serviceaccounts -o name | grep web)" "" "what is left after delete"

# Who may make no Role is told, and can name an account that is there.
export KUBECONFIG=$admin
kubectl get role lotse -o json | python3 -c 'import json, sys
role = json.load(sys.stdin)
role["rules"] = [rule for rule in role["rules"] if "roles" not in rule["resources"]]
print(json.dumps(role))' | kubectl replace -f - >/dev/null
kubectl create serviceaccount rush >/dev/null
kubectl create role rush --verb=patch --resource=deployments/scale --resource-name=web >/dev/null
kubectl create rolebinding rush --role=rush --serviceaccount="$ns:rush" >/dev/null
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
exits 3 web --schedule "daily $from-$to = 3; else 1"
grep -q "create roles.rbac.authorization.k8s.io" err && grep -q -- "--service-account NAME" err || { cat err >&2; exit 1; }
same "$(kubectl get configmaps,deployments,cronjobs,serviceaccounts -o name | grep web)" "" "what was written"
exits 0 web --schedule "daily $from-$to = 3; else 1" --service-account rush
KUBECONFIG=$admin kubectl create job back --from=cronjob/web-schedule-1 >/dev/null
until_is deployment replicas 1
until_says "nothing is wrong with it" "$LOTSE" why web

# Whose Job cannot do it is told.
KUBECONFIG=$admin kubectl delete rolebinding rush >/dev/null
KUBECONFIG=$admin kubectl create job stuck --from=cronjob/web-schedule-2 >/dev/null
until_says "ScheduleFailing" "$LOTSE" why web
cat out
says "cannot patch"
exits 0 "$LOTSE" delete web
