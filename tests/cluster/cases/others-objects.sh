#!/usr/bin/env bash
# timeout: 120
# What is somebody else's is neither written into nor deleted; of two commands at the same moment one wins; a `delete`
# that was killed is ended by the next. The pods never start: their image is not there.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD LOTSE_IMAGE=localhost:5077/not-there:1
lotse() { KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG "$LOTSE" "$@"; }
left() { kubectl get all,configmaps,pdb,pvc -o name | grep -v -e configmap/kube-root-ca.crt -e 'persistentvolumeclaim/data' | sort; }
exits() { # CODE COMMAND...: its output is in the file said
  local wanted=$1 code=0
  shift
  "$@" >said 2>&1 || code=$?
  [ "$code" = "$wanted" ] || { echo "$*: exit $code, not $wanted:" >&2; cat said >&2; exit 1; }
}
says() { grep -qF -- "$1" said || { echo "'$1' is not in:" >&2; cat said >&2; exit 1; }; }
claim() {
  kubectl apply -f - <<<"{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: $1},
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}" >/dev/null
}
claim data
train() { lotse train --name "$1" --data volume:data/data.yaml --detach "${@:2}"; }
serve() { lotse serve volume:data/best.safetensors --name "$1" --detach "${@:2}"; }

# Of every kind that the templates name.
kubectl create configmap mine --from-literal=k=precious
kubectl create service clusterip served --tcp=80
kubectl create deployment scaled --image=localhost:5077/not-there:1
kubectl create poddisruptionbudget budget --selector=app=x --min-available=1
claim kept-output
before=$(left)
exits 4 train mine && says "configmap/mine is there already and is not Lotse's"
exits 4 serve served && says "service/served is there already"
exits 4 serve scaled && says "deployment/scaled is there already"
exits 4 serve budget --replicas 2 && says "poddisruptionbudget/budget is there already"
exits 4 train kept && says "persistentvolumeclaim/kept-output is there already" && says "--output volume:kept-output/"
exits 4 train mine --dry-run=server
same "$(left)" "$before" "what is there"
exits 3 lotse delete mine --purge-data
exits 3 lotse delete kept --purge-data
same "$(left)" "$before" "what is there"
same "$(kubectl get configmap mine -o 'jsonpath={.data.k}')" precious "the user's data"
kubectl delete configmap/mine service/served deployment/scaled pdb/budget pvc/kept-output >/dev/null

# Claims may have any name, also those of the volumes that the pods have of their own.
for name in tmp config output shm data.of.the.team; do
  claim $name
  exits 0 lotse train --name any --data "volume:$name/x" --dry-run=server
  kubectl delete pvc/$name >/dev/null
done

# Two at the same moment.
for i in 1 2 3; do
  train "race$i" --epochs 1 >first 2>&1 & first=$!
  train "race$i" --epochs 2 >second 2>&1 & second=$!
  codes=
  for each in $first $second; do code=0; wait $each || code=$?; codes+="$code "; done
  case $codes in "0 4 " | "4 0 ") ;; *) echo "round $i: exits $codes" >&2; cat first second >&2; exit 1 ;; esac
  same "$(kubectl get jobs -l "lotse.dev/workload=race$i" -o name | wc -l)" 1 "Jobs of race$i"
  grep -h "^lotse:" first second
done
lotse delete race{1..3} --purge-data >/dev/null
same "$(left)" "" "what is left"

# Killed at any moment, and ended by the next; without the claims first, and those later.
for after in 0.03 0.1 0.25; do
  train cut >/dev/null 2>&1
  code=0
  KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG timeout -s KILL $after "$LOTSE" delete cut --purge-data >/dev/null 2>&1 || code=$?
  again=0
  lotse delete cut --purge-data >said 2>&1 || again=$?
  case $again in 0 | 3) ;; *) echo "killed after $after s: the next exits $again" >&2; cat said >&2; exit 1 ;; esac
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(left)" ] || sleep 0.5; done
  same "$(left)" "" "what is left, killed after $after s (exit $code, then $again)"
done
train later >/dev/null
exits 0 lotse delete later
says later-output
exits 3 lotse delete later
says "--purge-data"
exits 0 lotse delete later --purge-data
same "$(left)" "" "what is left"
