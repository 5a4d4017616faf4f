# Sourced by what runs `infer --workers` in pods, after runner-image.sh.

infer=(yolo26n volume:shapes/images/train --imgsz 160 --conf 0.0001 --max-det 5 --batch 4 --precision fp32 --cpu 100m
  --cpu-limit 1 --memory 1Gi --backoff-limit 100)

# make_pictures COUNT: in a claim, and here with what one worker makes of them, in `alone`.
make_pictures() {
  "$LOTSE_RUNNER" dataset shapes shapes --seed 3 --imgsz 160 --train-images "$1" --val-images 1 >/dev/null
  "$LOTSE" push shapes volume:shapes --size 1Gi --shared >/dev/null
  (cd shapes && OMP_NUM_THREADS=1 "$LOTSE_RUNNER" infer yolo26n images/train --imgsz 160 --conf 0.0001 --max-det 5 --batch 4 \
    --precision fp32 --threads 1 --output ../alone) >/dev/null
}

begin() { "$LOTSE" infer --name "$1" "${infer[@]}" --workers 4 --detach >/dev/null; } # NAME

# What a claim holds, from outside of the pods: its folder on this one node.
claim() {
  local volume
  volume=$(kubectl get pvc "$1" -o 'jsonpath={.spec.volumeName}') && [ -n "$volume" ] || return 0
  echo "$LOTSE_TEST_STATE$(kubectl get pv "$volume" -o 'jsonpath={.spec.hostPath.path}')"
}
parts_of() { # NAME: the folder of its parts
  echo "parts-$(kubectl get configmap "$1" -o 'jsonpath={.metadata.uid}')-$(kubectl get configmap "$1" -o 'jsonpath={.metadata.annotations.lotse\.dev/revision}')"
}
done_of() { cat "$(claim "$1-output")"/parts-*/part-?????.jsonl 2>/dev/null | wc -l; } # NAME: lines that there are

# hit NAME INDEX HOW: its pod, if one runs. Says whether there was one.
hit() {
  local pod uid pid
  pod=$(kubectl get pods -l "lotse.dev/workload=$1,batch.kubernetes.io/job-completion-index=$2" \
    --field-selector=status.phase=Running -o name | head -1)
  [ -n "$pod" ] || return 1
  case $3 in
    evict) kubectl delete "$pod" --wait=false >/dev/null ;;
    force) kubectl delete "$pod" --wait=false --grace-period=0 --force >/dev/null 2>&1 ;;
    kill)
      uid=$(kubectl get "$pod" -o 'jsonpath={.metadata.uid}')
      for pid in $(processes); do
        ! tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q 'lotse-runner infer' ||
          ! grep -qE "${uid//-/[-_]}" "/proc/$pid/cgroup" || kill -KILL "$pid"
      done ;;
  esac
}

# check NAME COUNT: each picture has one line, in the file that one worker makes, but for the folder's name.
check() {
  python3 - "$(claim "$1-output")" "$2" <<'P'
import json, os, sys
folder, count = sys.argv[1], int(sys.argv[2])
def lines(file):
    return [{**json.loads(line), "image": os.path.basename(json.loads(line)["image"])} for line in open(file)]
found, wanted = lines(folder + "/infer.jsonl"), lines("alone/infer.jsonl")
assert [line["image"] for line in found] == sorted(os.listdir("shapes/images/train")), "not each picture once, in order"
assert len(found) == count and found == wanted, "not the results of one worker"
assert sorted(os.listdir(folder)) == ["infer.jsonl", "run.json"], os.listdir(folder)
P
}
