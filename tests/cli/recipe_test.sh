# needs: runner
# The recipe of a training as a user meets it: what it is made of is printed, what does not go together is refused.
lotse-runner dataset shapes shapes --seed 1 --imgsz 64 --train-images 8 --val-images 2 >/dev/null
train=(--data shapes/data.yaml --imgsz 64 --batch 4 --nominal-batch 4 --epochs 1 --threads 1 --precision fp32)

expect 0 lotse-runner train "${train[@]}" --max-steps 1 --mosaic9 0.5 --mixup 0.2 --degrees 10 --multi-scale 0.5 \
  --freeze 10 --box 9.83 --output first
says out "Run: epochs 1, batch 4, imgsz 64, seed 0"
says out "Optimization: nominal_batch 4, optimizer adamw, lr0 0.00125"
says out "freeze 10"
says out "mosaic 1.0, mosaic9 0.5, mixup 0.2"
says out "Loss: box 9.83"

expect 0 lotse-runner train "${train[@]}" --max-steps 1 --output told -o json
grep '"event":"hyperparameters"' out >told.json
fits told.json hyperparameters
cp -r shapes odd && echo "9 0.5 0.5 0.1 0.1" >>odd/labels/train/000003.txt
sed -i "s|$PWD/shapes|$PWD/odd|" odd/data.yaml
expect 1 lotse-runner dataset check odd/data.yaml -o json
grep '"event":"finding"' out >findings
fits findings finding --lines

# Another number of classes: what fits is taken, and counted.
printf 'train: images/train\nval: images/val\nnames: [a, b, c, d, e, f]\n' >shapes/data.yaml
expect 0 lotse-runner train "${train[@]}" --max-steps 1 --model first/last.safetensors --output second
says out "tensors from first/last.safetensors; the others, of other shapes, are fresh"

# What is no weights to learn from, and what is nothing at all.
expect 0 lotse-runner export first/last.safetensors --output first.torchscript
expect 2 lotse-runner train "${train[@]}" --model first.torchscript --output third
says err "first.torchscript: is exported already"
says err "the weights that it was exported from"
expect 2 lotse-runner train "${train[@]}" --model resnet50 --output third
says err "no file and no architecture is named 'resnet50'"
says err " yolov8x, yolo26n-cls, "

expect 2 lotse-runner train "${train[@]}" --copy-paste 0.5 --output third
says err "copy_paste: needs outlines, and no label of the training set has one"
expect 2 lotse-runner train "${train[@]}" --device cpu --batch -1 --output third
says err "batch: is found out (-1) by a GPU's memory, and this is a CPU"
expect 2 lotse-runner train "${train[@]}" --freeze-layers 0,30 --output third
says err "layer 30 is not there: the model has 0 to 23"
expect 2 lotse-runner train "${train[@]}" --perspective 0.1 --output third
says err "--perspective: must be at most 0.001, is 0.1"
[ ! -e third ] || { echo "FAILED: something was written"; exit 1; }
