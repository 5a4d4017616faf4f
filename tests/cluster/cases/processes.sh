#!/usr/bin/env bash
# timeout: 240
# needs: runner
# A pod with --gpus 2 on a node that says it has GPUs runs two processes, ranks 0 and 1; two such pods are ranks 0 to 3.
# Here they meet by Gloo: --device cpu keeps the count.
# alone
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../runner-image.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD
resource() { # VERB VALUE: the node's GPUs
  kubectl patch node lotse --subresource=status --type=json -p "[
    {\"op\":\"$1\",\"path\":\"/status/capacity/nvidia.com~1gpu\",\"value\":\"$2\"},
    {\"op\":\"$1\",\"path\":\"/status/allocatable/nvidia.com~1gpu\",\"value\":\"$2\"}]" >/dev/null
}
trap 'resource remove 0' EXIT
resource add 4

"$LOTSE_RUNNER" dataset shapes --seed 1 --imgsz 64 --train-images 8 --val-images 2 shapes >/dev/null
"$LOTSE" push shapes volume:shapes --size 1Gi --shared >/dev/null
train() { # NAME FLAGS...
  exits 0 "$LOTSE" train --name "$1" --device cpu --gpus 2 --cpu 500m --memory 2Gi --model yolo26n \
    --data volume:shapes/data.yaml --imgsz 64 --batch 4 --nominal-batch 4 --epochs 1 --precision fp32 "${@:2}"
  "$LOTSE" logs "$1" >log
}
ranks() { grep -o 'rank [0-9] of [0-9]' log | sort | paste -sd,; }
train one
same "$(ranks)" "rank 0 of 2,rank 1 of 2" "the ranks of one pod"
same "$(kubectl get pod -l lotse.dev/workload=one -o 'jsonpath={.items[*].spec.containers[0].resources.limits.nvidia\.com/gpu}')" 2 "its GPUs"
train two --workers 2
same "$(ranks)" "rank 0 of 4,rank 1 of 4,rank 2 of 4,rank 3 of 4" "the ranks of two pods"
