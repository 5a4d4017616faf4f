#!/usr/bin/env bash
# quickstart.sh BIN: the quickstart on few pictures and epochs, in a home of its own. mAP50 is over 0.05 after that, and
# 0.00 as long as nothing is learned.
set -euo pipefail
export LOTSE_BIN=$1 QUICKSTART_IMAGES=800 QUICKSTART_EPOCHS=4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config KUBECONFIG=
"$(dirname "$0")/../../examples/quickstart/run" "$work/quickstart" >"$work/out" 2>&1 </dev/null ||
  { cat "$work/out"; exit 1; }
for line in '^mAP50 0\.[0-9]+ ' ' Detected [0-9]+ objects? in the frame\.' '^The annotated picture: .*/000000\.png$' \
  '"detections":' '^Start: ' '^Call: ' '^Delete: '; do
  grep -qE "$line" "$work/out" || { echo "no line like '$line' in:"; cat "$work/out"; exit 1; }
done
map50=$(sed -n 's/^mAP50 \(0\.[0-9]*\) .*/\1/p' "$work/out")
awk -v map50="$map50" 'BEGIN { exit !(map50 > 0.05) }' || { echo "mAP50 $map50: it has learned nothing"; cat "$work/out"; exit 1; }
for file in trained/best.safetensors model.torchscript pictures/000000.png; do
  [ -s "$work/quickstart/$file" ] || { echo "no $file"; exit 1; }
done
[ -z "$(ls "$XDG_STATE_HOME/lotse/workloads" | grep serve)" ] || { echo "the service is still there"; exit 1; }
