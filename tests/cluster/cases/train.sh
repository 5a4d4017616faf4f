#!/usr/bin/env bash
# timeout: 600
# needs: runner
# The join: the same command lines train in two processes here and in two pods of an Indexed Job, on volumes that the
# other side cannot see. Same losses and weights, bit for bit; then export, infer and val in pods on what the training
# wrote; then nothing is left but the claims.
# computes
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../runner-image.sh"
unset ONEDNN_MAX_CPU_ISA ATEN_CPU_CAPABILITY # pods do not get them, and here the losses would differ by bits
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
context=$(kubectl config current-context)

# The same pictures on both sides, each written where only that side sees them.
claims=$XDG_STATE_HOME/lotse/local/claims
dataset=(dataset shapes --seed 1 --imgsz 64 --train-images 96 --val-images 8)
mkdir -p "$claims/shapes"
"$LOTSE_RUNNER" "${dataset[@]}" "$claims/shapes" >/dev/null
kubectl apply -f - <<END
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shapes}
spec:
  accessModes: [ReadWriteMany]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: shapes}
spec:
  restartPolicy: Never
  containers:
    - name: main
      image: $LOTSE_IMAGE
      args: [$(printf "'%s', " "${dataset[@]}") /shapes]
      volumeMounts: [{name: shapes, mountPath: /shapes}]
  volumes:
    - {name: shapes, persistentVolumeClaim: {claimName: shapes}}
END
kubectl wait pod/shapes --for=jsonpath='{.status.phase}'=Succeeded --timeout=120s
kubectl delete pod shapes --wait=false

train() {
  "$LOTSE" train --on "$1" --name join --workers 2 --cpu 200m --cpu-limit 1 --memory 2Gi --model yolo26n --data volume:shapes/data.yaml \
    --imgsz 64 --batch 8 --nominal-batch 8 --epochs 10 --max-steps 60 \
    --val-interval 10 --log-steps --precision fp32 | tee "$1.log"
}
train local
train "$context"
for side in local "$context"; do grep -oE 'step [0-9]+ loss .*' "$side.log" | head -50 >"$side.steps"; done
same "$(wc -l <local.steps)" 50 "steps with a loss"
diff local.steps "$context.steps" || { echo "the losses differ" >&2; exit 1; }
echo "the same losses, bit for bit: $(sed -n '1p; 50p' local.steps | paste -sd' ')"

# What a claim holds, from outside of the pods: its folder on this one node.
claim() { kubectl get pv "$(kubectl get pvc "$1" -o 'jsonpath={.spec.volumeName}')" -o 'jsonpath={.spec.hostPath.path}'; }
there=$LOTSE_TEST_STATE$(claim join-output)
for file in last.safetensors best.safetensors; do
  same "$(sha256sum <"$there/$file")" "$(sha256sum <"runs/train/$file")" "the digest of $file"
done

follow_up() { # PLACE OUTPUT
  "$LOTSE" export --on "$1" --name join-export "$2/best.safetensors" --imgsz 64 --output "$2/model.torchscript"
  "$LOTSE" infer --on "$1" --name join-infer "$2/model.torchscript" volume:shapes/images/val --imgsz 64 --conf 0.001 \
    --save "$2/pictures" -o json >"$1.boxes"
}
follow_up local runs/train
follow_up "$context" volume:join-output
detections() { # what is found, without where and when
  grep '"event":"detections"' "$1.boxes" | sed -E 's|"image":"[^"]*/|"image":"|; s/"(pod|time)":"[^"]*"//g'
}
[ "$(detections local | wc -l)" = 8 ] || { echo "not 8 pictures:" >&2; cat local.boxes >&2; exit 1; }
[ "$(detections local | grep -c class)" -gt 0 ] || { echo "nothing was found, so nothing was compared" >&2; exit 1; }
diff <(detections local) <(detections "$context") || { echo "the boxes differ" >&2; exit 1; }
same "$(ls "$there/pictures" | grep -c "\.png$")" 8 "annotated pictures"

# The gate: a model that is better than the one before is 0; a worse one is 1 and a broken one 2, after one pod, whatever
# --backoff-limit allows. Classifiers of textures learn fastest, and the worse one has seen 16 pictures.
python3 "$(dirname "$0")/../../cli/support/textures.py" textures
textures=$LOTSE_TEST_STATE$(claim shapes)/textures
cp -r textures "$textures"
learn() { # FOLDER FLAGS...
  "$LOTSE_RUNNER" train --model yolo26n-cls --data textures --imgsz 32 --batch 16 --nominal-batch 16 --warmup-epochs 1 \
    --auto-augment none --erasing 0 --val-interval 8 --output "$there/$1" "${@:2}" >/dev/null
}
learn better --epochs 8
learn poor --epochs 1 --max-steps 1
head -c 100000 "$there/better/best.safetensors" >"$there/broken.safetensors"
chmod -R a+rX "$there" "$textures"
gate() { # NAME MODEL EARLIER
  "$LOTSE" val --on "$context" --name "$1" "volume:join-output/$2.safetensors" --data volume:shapes/textures \
    --not-below "volume:join-output/$3.safetensors" --cpu 200m --cpu-limit 1 --memory 2Gi
}
gate join-good better/best poor/last | tee good
grep -q 'Good enough: fitness is ' good || { echo "val does not say why it is good enough" >&2; exit 1; }
refused() { # CODE NAME MODEL EARLIER
  code=0
  gate "${@:2}" || code=$?
  same "$code" "$1" "the exit code of $2"
  same "$(kubectl get pods -l "lotse.dev/workload=$2" -o name | wc -l)" 1 "pods of $2"
}
refused 1 join-poor poor/last better/best
refused 2 join-broken broken better/best

# Delete leaves the claims and says so; the claims that it did not make, it does not name.
"$LOTSE" delete join --on "$context" | tee deleted
grep -q join-output deleted || { echo "delete does not name the claim that stays" >&2; exit 1; }
"$LOTSE" delete join-export --on "$context"
for name in join-infer join-good join-poor join-broken; do "$LOTSE" delete $name --on "$context"; done
kubectl get all,configmaps,secrets,leases,pdb,pvc -o name | grep -v -e configmap/kube-root-ca.crt -e pod/shapes | sort >left
same "$(paste -sd' ' left)" "persistentvolumeclaim/join-output persistentvolumeclaim/shapes" "what is left"
