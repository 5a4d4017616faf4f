# needs: runner
# A processor without AVX-512, as oneDNN and ATen can be told to see it: `auto` takes fp32 in every mode, and bf16, which
# is emulated there, is warned about with what it costs.
warnings() {
  [ "$(grep -c "warning: " err)" = "$1" ] || { echo "FAILED: not $1 warnings:"; cat err; exit 1; }
}
export ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2
expect 0 lotse-runner dataset shapes shapes --train-images 4 --val-images 2 --imgsz 64
expect 0 lotse-runner train --data shapes/data.yaml --output trained --imgsz 64 --batch 4 --epochs 1 --precision auto
says out ", fp32 on cpu"
warnings 0
expect 0 lotse-runner export trained/last.safetensors --imgsz 64 --precision auto --output auto.torchscript
says out "head o2o, fp32"
expect 0 lotse-runner infer auto.torchscript shapes/images/val --imgsz 64 --precision auto
warnings 0
expect 0 lotse-runner infer trained/last.safetensors shapes/images/val --imgsz 64 --precision auto
says out "fp32 on cpu"

expect 0 lotse-runner export trained/last.safetensors --imgsz 64 --precision bf16 --output half.torchscript
says err "this processor emulates bf16, having neither AVX512_BF16 nor AMX: one layer takes "
says err "take --precision auto or fp32"
expect 0 lotse-runner infer half.torchscript shapes/images/val --imgsz 64 --precision auto
says err "export it again with --precision fp32"
warnings 1
