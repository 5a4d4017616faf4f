#!/usr/bin/env bash
# timeout: 600
# needs: runner
# A pod of two is evicted in the middle of a training. Both save, new pods take their places and go on at the very step:
# the losses of both rounds together are those of a training that was left alone. The finished run stays as it is when
# the same command comes again, and another workload does not get its folder.
# computes
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../runner-image.sh"
unset ONEDNN_MAX_CPU_ISA ATEN_CPU_CAPABILITY # pods do not get them, and here the losses would differ by bits
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
context=$(kubectl config current-context)

# The same pictures on both sides.
claims=$XDG_STATE_HOME/lotse/local/claims
mkdir -p "$claims/shapes"
"$LOTSE_RUNNER" dataset shapes --seed 1 --imgsz 64 --train-images 96 --val-images 8 "$claims/shapes" >/dev/null
kubectl apply -f - <<END
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shapes}
spec:
  accessModes: [ReadWriteMany]
  resources: {requests: {storage: 1Gi}}
END
"$LOTSE" push --on "$context" "$claims/shapes" volume:shapes

train() { # WHERE NAME FLAG...
  "$LOTSE" train --on "$1" --name "$2" --workers 2 --cpu 200m --cpu-limit 1 --memory 2Gi --model yolo26n --data volume:shapes/data.yaml \
    --imgsz 64 --batch 8 --nominal-batch 8 --epochs 5 --val-interval 5 --log-steps --precision fp32 "${@:3}"
}
train local whole >local.log
train "$context" evicted >evicted.log 2>&1 &
attached=$!
steps() { grep -oE 'step [0-9]+ loss .*' "$1"; }
for _ in $(seq 600); do
  [ "$(steps evicted.log | wc -l)" -lt 10 ] || break
  sleep 0.2
done
pod=$(kubectl get pods -l lotse.dev/workload=evicted,batch.kubernetes.io/job-completion-index=1 -o name)
kubectl delete "$pod" --wait=false
code=0
wait "$attached" || code=$?
same "$code" 0 "exit code of the attached command"

stopped=$(grep -oE 'stopped after [0-9]+ steps' evicted.log | grep -oE '[0-9]+' | head -1)
[ "$stopped" -ge 10 ] && [ "$stopped" -lt 60 ] || { echo "it was not stopped in the middle: '$stopped'" >&2; exit 1; }
steps local.log >local.steps
steps evicted.log >evicted.steps
same "$(wc -l <local.steps)" 60 "steps"
diff local.steps evicted.steps || { echo "the losses differ" >&2; exit 1; }
echo "stopped after $stopped steps; 60 losses of two rounds, each once and as without the break"

# The same again: complete. Another workload: not into this folder.
train "$context" evicted >again.log
grep -q 'complete after epoch 5' again.log
same "$(steps again.log | wc -l)" 0 "steps of a complete run"
code=0
train "$context" other --output volume:evicted-output/ >other.log 2>&1 || code=$?
same "$code" 2 "exit code of another run in that folder"
grep -q 'holds the results of another run' other.log
