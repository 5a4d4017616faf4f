#!/usr/bin/env bash
# timeout: 400
# needs: runner
# Four pods share pictures. One is evicted, one deleted at once while its process may still run, one killed by SIGKILL: each
# picture has one line, and the file is the one that a single worker writes. A claim that four pods cannot mount is refused
# before anything is written, unless one node holds them; a share that always fails does not keep the others from ending.
# computes
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../runner-image.sh"
. "$(dirname "$0")/../shares.sh"
unset ONEDNN_MAX_CPU_ISA ATEN_CPU_CAPABILITY # pods do not get them, and here the results would differ by bits
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
pictures=400
make_pictures $pictures
begin shared
for _ in $(seq 300); do [ "$(done_of shared)" -lt 20 ] || break; sleep 0.1; done
until_says "workers  " "$LOTSE" status shared
says "/$pictures pictures"
hit shared 1 evict
hit shared 2 force
hit shared 3 kill
exits 0 "$LOTSE" wait shared --timeout 300s
check shared $pictures
made=$(kubectl get events --field-selector reason=SuccessfulCreate -o name | wc -l)
[ "$made" -ge 7 ] || { echo "$made pods were made: not each of the three was started anew" >&2; exit 1; }
# The same again: complete. Another workload: not into this folder.
begin shared
exits 0 "$LOTSE" wait shared --timeout 120s
check shared $pictures
exits 2 "$LOTSE" infer --name other "${infer[@]}" --output volume:shared-output/
says "holds the results of another run"

# What one node alone can mount.
"$LOTSE" push shapes volume:narrow --size 1Gi >/dev/null
kubectl get jobs,services,configmaps,secrets,pvc -o name | sort >before
narrow=(yolo26n volume:narrow/images/train --imgsz 64 --cpu 100m --memory 1Gi --name narrow --workers 4)
exits 2 "$LOTSE" infer "${narrow[@]}"
grep -q "claim 'narrow' is ReadWriteOnce: pods on one node alone can mount it, and job/narrow-.* has 4" err
grep -q -- "--same-node" err
exits 2 "$LOTSE" train --name narrow --workers 2 --data volume:narrow/data.yaml
grep -q "claim 'narrow' is ReadWriteOnce" err
kubectl get jobs,services,configmaps,secrets,pvc -o name | sort >after
diff before after
exits 11 "$LOTSE" plan infer "${narrow[@]}"
says ClaimOutOfReach
# The pods of a service serve without each other.
exits 10 "$LOTSE" plan serve volume:narrow/m.safetensors --max 3
says "warning: ClaimOutOfReach: claim 'narrow' is ReadWriteOnce: pods on one node alone can mount it"
exits 10 "$LOTSE" plan serve volume:narrow/m.safetensors --max 3 --node-selector kubernetes.io/hostname=lotse
! grep ClaimOutOfReach out || exit 1
exits 10 "$LOTSE" plan infer "${narrow[@]}" --same-node
exits 0 "$LOTSE" infer "${narrow[@]}" --same-node
same "$(kubectl get pvc narrow-output -o 'jsonpath={.spec.accessModes[*]}')" ReadWriteOnce "access modes of a claim for one node"

# One share that cannot be written: the others end theirs, and so does the run.
"$LOTSE" infer --name poisoned "${infer[@]}" --workers 4 --backoff-limit 0 --detach >/dev/null
until [ -d "$(claim poisoned-output)" ]; do sleep 0.1; done
mkdir -p "$(claim poisoned-output)/$(parts_of poisoned)/part-00002.jsonl"
chmod -R a+rwX "$(claim poisoned-output)"
exits 1 "$LOTSE" wait poisoned --timeout 120s
same "$(kubectl get jobs -l lotse.dev/workload=poisoned -o 'jsonpath={.items[*].status.failedIndexes} {.items[*].status.completedIndexes}')" "2 0,1,3" "failed and complete shares"
rmdir "$(claim poisoned-output)/$(parts_of poisoned)/part-00002.jsonl"
exits 0 "$LOTSE" rerun poisoned
exits 0 "$LOTSE" wait poisoned --timeout 120s
check poisoned $pictures
