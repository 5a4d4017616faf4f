# A short training on the GPU learns, and begins with the losses that the CPU has.
rm -rf set trained steps-*
"$runner" dataset shapes set --seed 1 --imgsz 160 --train-images 160 --val-images 40 >/dev/null
settings=(--model yolo26n --data set/data.yaml --imgsz 160 --batch 16 --nominal-batch 16 --seed 7 --optimizer adamw
  --lr0 0.002 --momentum 0.9 --warmup-epochs 1 --ema-tau 20 --mosaic 0 --close-mosaic 0 -o json)

for on in cpu "$device"; do
  "$runner" train "${settings[@]}" --device "$on" --output "steps-$on" --overwrite --max-steps 3 --log-steps \
    >"steps-$on.jsonl" || { tail -1 "steps-$on.jsonl"; exit 1; }
done
"$runner" train "${settings[@]}" --device "$device" --output trained --epochs 20 --val-interval 20 >trained.jsonl \
  || { tail -1 trained.jsonl; exit 1; }
ran_on trained.jsonl "$device"
python3 "$here/learned.py" steps-cpu.jsonl "steps-$device.jsonl" trained.jsonl
