#!/usr/bin/env bash
# timeout: 420
# needs: runner
# The same command line serves here and on the node: ready, with the boxes that `infer` finds; a rolling restart under
# requests loses none; `delete` leaves nothing.
# computes
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../runner-image.sh"
here=$(dirname "$0")/..
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
context=$(kubectl config current-context)

"$LOTSE_RUNNER" dataset shapes shapes --seed 1 --imgsz 64 --train-images 1 --val-images 1 >/dev/null
picture=shapes/images/val/000000.png
model=(yolo26n --seed 3 --imgsz 64 --conf 0.0001) # fresh weights are sure of little
"$LOTSE_RUNNER" infer "${model[0]}" "$picture" "${model[@]:1}" -o json >infer.json
boxes() { python3 -c 'import json,sys
for line in sys.stdin:
    answer = json.loads(line)
    if "detections" in answer and isinstance(answer["detections"], list): print(json.dumps(answer["detections"], indent=1))'; }
boxes <infer.json >expected
[ "$(grep -c confidence expected)" -gt 10 ] || { echo "infer found too little to compare" >&2; exit 1; }

try() { # PLACE
  "$LOTSE" serve --on "$1" --name eyes "${model[@]}" --cpu 500m --memory 1Gi
  local url
  url=$("$LOTSE" status eyes --on "$1" -o json | python3 -c 'import json,sys; print(json.load(sys.stdin)["urls"][0])')
  [ "$1" = local ] || url=http://$(kubectl get service eyes -o 'jsonpath={.spec.clusterIP}')
  curl --silent --show-error --fail --noproxy '*' --data-binary "@$picture" -H 'Content-Type: image/png' \
    "$url/v1/detect" | boxes >"$1.boxes"
  diff expected "$1.boxes" || { echo "serve on $1 answers other boxes than infer" >&2; exit 1; }

  rm -f stop
  "$here/trickle" "$picture" "$url/v1/detect" stop >"$1.trickle" &
  local trickle=$! pods
  pods=$("$LOTSE" status eyes --on "$1" -o json | grep -o '"eyes-[^"]*"' | sort -u)
  "$LOTSE" restart eyes --on "$1"
  "$LOTSE" wait eyes --on "$1" --for ready --timeout 120s
  sleep 8 # until the old pod has drained and gone
  touch stop
  wait $trickle || { echo "requests were lost on $1:" >&2; cat "$1.trickle" >&2; exit 1; }
  echo "$1: $(cat "$1.trickle") over a rolling restart"
  [ "$pods" != "$("$LOTSE" status eyes --on "$1" -o json | grep -o '"eyes-[^"]*"' | sort -u)" ] ||
    { echo "the restart replaced no pod on $1" >&2; exit 1; }
  "$LOTSE" delete eyes --on "$1"
}
try local
try "$context"
left=$(kubectl get all,configmaps,secrets,leases,pdb,pvc -o name | grep -v configmap/kube-root-ca.crt || true)
same "$left" "" "what is left"
