#!/usr/bin/env bash
# timeout: 120
# What `lotse why` says where the node itself is the cause: a taint, and GPUs that a patch of its status gives it, too few
# for one run and unhealthy in another. Beside a healthy workload and one that is complete.
# alone
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
small=(--image "$LOTSE_TEST_IMAGE" --cpu 200m --memory 32Mi --grace 1 --detach)
as_it_was() {
  kubectl taint node lotse lotse.dev/test- >/dev/null 2>&1 || true
  kubectl label node lotse nvidia.com/gpu.product- >/dev/null
  kubectl patch node lotse --subresource=status --type=json -p '[{"op": "remove", "path": "/status/capacity/nvidia.com~1gpu"},
    {"op": "remove", "path": "/status/allocatable/nvidia.com~1gpu"}]' >/dev/null 2>&1 || true
}
trap as_it_was EXIT

exits 0 "$LOTSE" run job "${small[@]}" --name healthy -- pause
exits 0 "$LOTSE" run job "${small[@]}" --name complete -- print done
exits 0 "$LOTSE" wait complete --timeout 60s
kubectl wait pod -l lotse.dev/workload=healthy --for=condition=Ready --timeout=60s >/dev/null

kubectl label node lotse nvidia.com/gpu.product=TEST-GPU >/dev/null
kubectl patch node lotse --subresource=status --type=json -p '[{"op": "add", "path": "/status/capacity/nvidia.com~1gpu", "value": "2"},
  {"op": "add", "path": "/status/allocatable/nvidia.com~1gpu", "value": "2"}]' >/dev/null
exits 0 "$LOTSE" run job "${small[@]}" --name one --gpus 1 -- pause
exits 0 "$LOTSE" run job "${small[@]}" --name three --gpus 3 -- pause
first_is three NoNodeFits "lacks 2 of 3 nvidia.com/gpu"
kubectl wait pod -l lotse.dev/workload=one --for=condition=Ready --timeout=60s >/dev/null
exits 0 "$LOTSE" gpus -o json
fits out gpus
python3 - <<'P'
import json
gpus, = json.load(open("out"))["gpus"]
assert (gpus["type"], gpus["total"], gpus["used"], gpus["free"]) == ("TEST-GPU", 2, 1, 1), gpus
P
# As the kubelet writes it for a device plugin; it puts its own state back soon.
unhealthy='[{"op": "add", "path": "/status/containerStatuses/0/allocatedResourcesStatus", "value":
  [{"name": "nvidia.com/gpu", "resources": [{"resourceID": "GPU-1", "health": "Unhealthy"}]}]}]'
found=
for _ in $(seq 20); do
  kubectl patch "$(kubectl get pods -l lotse.dev/workload=one -o name)" --subresource=status --type=json -p "$unhealthy" >/dev/null
  "$LOTSE" why one >out
  ! grep -qE "^1\. GpuUnhealthy  " out || { found=yes; break; }
done
[ "$found" ] || { cat out >&2; exit 1; }
says "nvidia.com/gpu GPU-1 is unhealthy"

kubectl taint node lotse lotse.dev/test=x:NoSchedule >/dev/null
exits 0 "$LOTSE" run job "${small[@]}" --name tainted -- pause
first_is tainted NodeTainted "untolerated taint"
exits 124 "$LOTSE" wait tainted --give-up-after 1s
grep -qF NodeTainted out err
kubectl taint node lotse lotse.dev/test- >/dev/null
kubectl wait pod -l lotse.dev/workload=tainted --for=condition=Ready --timeout=60s >/dev/null
exits 0 "$LOTSE" why tainted
says "nothing is wrong with it"

for name in healthy complete; do
  exits 0 "$LOTSE" why $name
  says "nothing is wrong with it"
done
