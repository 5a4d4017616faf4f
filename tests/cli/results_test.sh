# needs: runner
# Results that are there already: whose they are decides.
lotse-runner dataset shapes shapes --seed 1 --imgsz 64 --train-images 8 --val-images 2 >/dev/null
picture=$PWD/shapes/images/val/000000.png
train=(--data shapes/data.yaml --imgsz 64 --batch 4 --nominal-batch 4 --epochs 1 --threads 1 --precision fp32)

# The same workload again: its run is complete, and stays as it is.
expect 0 lotse train "${train[@]}" --name mine --on local
sum=$(sha256sum runs/train/*.safetensors)
expect 0 lotse train "${train[@]}" --name mine --on local
says out "complete after epoch 1"
[ "$sum" = "$(sha256sum runs/train/*.safetensors)" ] || { echo "FAILED: results changed"; exit 1; }

# Any other run is asked what it wants, whether the CLI or a person starts it, and before it reads the data.
expect 2 lotse train "${train[@]}" --name other --on local
says out "runs/train holds the results of another run, started 2"
expect 2 lotse-runner train "${train[@]}"
for flag in --resume --overwrite --output; do says err "$flag"; done
expect 2 lotse-runner train "${train[@]}" --resume --overwrite
[ "$sum" = "$(sha256sum runs/train/*.safetensors)" ] || { echo "FAILED: results changed"; exit 1; }
expect 0 lotse-runner train "${train[@]}" --resume
says out "complete after epoch 1"

# Exports are made again, over themselves and nothing else.
expect 0 lotse-runner export yolo26n --imgsz 64 --output model.torchscript
expect 0 lotse-runner export yolo26n --imgsz 64 --output model.torchscript
says out "in the place of an earlier export"
expect 2 lotse-runner export yolo26n --imgsz 64 --output runs/train/best.safetensors
says err "best.safetensors is there, and is no export of Lotse's"
expect 2 lotse-runner export yolo26n --imgsz 64 --output shapes
says err "shapes is a folder"

# Pictures: not over anything, but for the same run.
infer=(model.torchscript "$picture" --imgsz 64 --save)
expect 0 lotse-runner infer "${infer[@]}" found
expect 2 lotse-runner infer "${infer[@]}" found
says err "found/000000.png would be replaced"
expect 0 lotse-runner infer "${infer[@]}" found --overwrite
expect 2 lotse-runner infer "${infer[@]}" shapes/images/val --overwrite
says err "would overwrite"
mkdir pictures
echo precious >pictures/000000.png
expect 2 lotse-runner infer "${infer[@]}" pictures
[ "$(cat pictures/000000.png)" = precious ] || { echo "FAILED: a picture of the user's is gone"; exit 1; }
expect 0 env LOTSE_RUN_ID=uid/1 lotse-runner infer "${infer[@]}" by-pod
expect 0 env LOTSE_RUN_ID=uid/1 lotse-runner infer "${infer[@]}" by-pod
expect 2 env LOTSE_RUN_ID=uid/2 lotse-runner infer "${infer[@]}" by-pod
expect 2 env LOTSE_RUN_ID=uid/1 lotse-runner infer "${infer[@]}" runs/train
says err "of another kind"
