#!/usr/bin/env bash
# timeout: 120
# A run for a queue is refused where there is no Kueue, and nothing is written; where discovery shows its queues it waits
# until it is admitted. Kueue's controller is not here (tests/soak/kueue has it): nobody but a patch admits the run.
# alone
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../kinds.sh"
export XDG_CONFIG_HOME=$PWD/config XDG_CACHE_HOME=$PWD/cache HOME=$PWD
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
run=("$LOTSE" run job --image "$LOTSE_TEST_IMAGE" --name queued --queue team-q --cpu 10m --memory 32Mi)

for verb in "${run[*]}" "$LOTSE plan ${run[*]:1}"; do
  # shellcheck disable=SC2086
  exits 3 $verb -- print admitted
  grep -q "the cluster has no LocalQueue.kueue.x-k8s.io: without Kueue nothing would ever admit job/queued-" err || { cat err >&2; exit 1; }
done
same "$(kubectl get configmaps,jobs,secrets -o name | grep -v kube-root)" "" "what was written"
cat err

cat >localqueues.yaml <<'END'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: localqueues.kueue.x-k8s.io}
spec:
  group: kueue.x-k8s.io
  names: {kind: LocalQueue, plural: localqueues}
  scope: Namespaced
  versions:
  - {name: v1beta2, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
END
has_kind "$PWD/localqueues.yaml"
exits 10 "$LOTSE" plan "${run[@]:1}" -- print admitted
says "warning: QueueUnavailable: localqueue/team-q, which job/queued-"
grep QueueUnavailable out
KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl create -f - >/dev/null <<'END'
{apiVersion: kueue.x-k8s.io/v1beta2, kind: LocalQueue, metadata: {name: team-q}, spec: {clusterQueue: team}}
END
exits 10 "$LOTSE" plan "${run[@]:1}" -- print admitted
! grep QueueUnavailable out || exit 1

# Queued is no end: the same command attaches, and all go on once it is admitted.
timeout 60 "${run[@]}" -- print admitted >first 2>&1 & first=$!
until_says "Queued: waits in the queue 'team-q' until it is admitted" cat first
timeout 60 "$LOTSE" logs -f queued >logs 2>&1 & logs=$!
job=$(kubectl get job -l lotse.dev/workload=queued -o name)
uid=$(kubectl get "$job" -o 'jsonpath={.metadata.uid}')
timeout 60 "${run[@]}" -- print admitted >second 2>&1 & second=$!
until_says "runs already: attaching" cat second
exits 0 "$LOTSE" list
grep -qE '^queued +job +Queued' out
exits 124 "$LOTSE" wait queued --timeout 1s
same "$(kubectl get "$job" -o 'jsonpath={.metadata.uid}')" "$uid" "the uid of the queued Job"
kubectl patch "$job" --type merge -p '{"spec":{"suspend":false}}'
for each in $first $second $logs; do wait "$each"; done
grep -q admitted first
grep -q admitted second
grep -q admitted logs
