#!/usr/bin/env bash
# What lotse says of workloads that wait or cannot run, as the real server tells it: a claim and a storage class that are
# not there, quotas, Pod Security, exit code 2.
# timeout: 180
. "$(dirname "$0")/../expect.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD
templates=$(dirname "$0")/../templates
train=("$LOTSE" train --template "$templates/job" --image "$LOTSE_TEST_IMAGE")

returns() { # CODE COMMAND...
  local wanted=$1 code=0
  shift
  timeout 40 "$@" >out 2>err || code=$?
  [ $code = "$wanted" ] || { echo "$* returned $code, not $wanted:" >&2; cat out err >&2; exit 1; }
}
says() { grep -qF -- "$2" "$1" || { echo "'$2' is not in $1:" >&2; cat "$1" >&2; exit 1; }; }

# A claim that is not there: nothing is written.
returns 3 "${train[@]}" --name claimless --set claim=nope
says err "claim 'nope' is not there"
if kubectl get configmap claimless 2>/dev/null; then exit 1; fi

# Exit code 2 has words, for a Job and for a Deployment, which stays as it is.
returns 2 "${train[@]}" --name wrong --args nonsense
says err "exit 2: probe pause"
returns 2 "$LOTSE" wait wrong
says out "wrong: Failed, exit 2: probe pause"
returns 2 "$LOTSE" serve --template "$templates/serve" --image "$LOTSE_TEST_IMAGE" --name model --args nonsense
says err "exit 2: probe pause"
returns 2 "$LOTSE" wait model --for ready
kubectl get deployment model -o name
returns 0 "$LOTSE" list
grep -qE '^model +serve +Failed .*exit 2: probe pause' out

# A storage class that is not there is told by the claim's own Event; logs say why there are none.
kubectl apply -f - <<END
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: slow}
spec: {accessModes: [ReadWriteOnce], storageClassName: not-there, resources: {requests: {storage: 1Gi}}}
END
"${train[@]}" --name unbound --detach --set claim=slow
until_says 'storageclass.storage.k8s.io "not-there" not found' "$LOTSE" status unbound
returns 0 "$LOTSE" logs unbound
says err "has not started: claim slow:"
returns 0 "$LOTSE" status unbound -o json
fits out status
returns 124 "$LOTSE" wait unbound --give-up-after 1s
says err "blocked for 1 s: ClaimUnbound: claim slow:"
says out "waiting: ClaimUnbound: "
"$LOTSE" delete unbound

# Half a gang, then more than the quota ever allows.
"$LOTSE" delete model
"$LOTSE" delete wrong
kubectl create quota pods --hard=pods=1
"${train[@]}" --name half --workers 2 --detach --args sleep --args 100
until_says "only 1 of 2 pods are there; no pod can be made: exceeded quota: pods" "$LOTSE" status half
until_says "exceeded quota: pods" "$LOTSE" list
returns 124 "$LOTSE" wait half --timeout 2s
"$LOTSE" delete half
kubectl delete quota pods
kubectl create quota none --hard=pods=0
returns 11 "${train[@]}" --name never --args print --args x
says err "'never' cannot run: no pod can be made: exceeded quota: none"
kubectl delete quota none

# Pod Security, on a ReplicaSet.
kubectl label namespace "$LOTSE_TEST_NAMESPACE" pod-security.kubernetes.io/enforce=restricted
returns 11 "$LOTSE" serve --template "$templates/serve" --image "$LOTSE_TEST_IMAGE" --name insecure
says err "violates PodSecurity"
returns 0 "$LOTSE" list
grep -qE '^insecure +serve .*violates PodSecurity' out
