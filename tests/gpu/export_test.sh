# A file exported on either device runs on both and finds what the weights find.
boxes weights.jsonl trained/last.safetensors --imgsz 160 --device cpu
for from in "$device" cpu; do
  "$runner" export trained/last.safetensors --imgsz 160 --device "$from" --output "from-$from.torchscript"
  for on in "$device" cpu; do
    boxes "$from-$on.jsonl" "from-$from.torchscript" --device "$on"
    ran_on "$from-$on.jsonl" "$on"
    same_boxes weights.jsonl "$from-$on.jsonl" 1 0.05
  done
done
