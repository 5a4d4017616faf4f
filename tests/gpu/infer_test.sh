# The GPU finds what the CPU finds, in fp32 and in half floats.
boxes cpu.jsonl trained/last.safetensors --imgsz 160 --device cpu
boxes gpu.jsonl trained/last.safetensors --imgsz 160 --device "$device"
ran_on gpu.jsonl "$device"
same_boxes cpu.jsonl gpu.jsonl 1 0.05
boxes batch.jsonl trained/last.safetensors --imgsz 160 --device "$device" --batch 8 --head o2m
boxes cpu-o2m.jsonl trained/last.safetensors --imgsz 160 --device cpu --head o2m
same_boxes cpu-o2m.jsonl batch.jsonl 1 0.05
half=fp16
[ "$device" != cpu ] || half=bf16
boxes half.jsonl trained/last.safetensors --imgsz 160 --device "$device" --precision "$half"
same_boxes cpu.jsonl half.jsonl 3 0.2
