# needs: runner
# SIGTERM while a model is validated, by `train`, by several ranks of it and by `val`: exit 75 soon; a training goes on as
# if nothing had been.
lotse-runner dataset shapes shapes --imgsz 64 --train-images 16 --val-images 600 --seed 2 >/dev/null
lotse-runner dataset shapes classes --layout classes --imgsz 64 --train-images 16 --val-images 600 --seed 2 >/dev/null
# stop_when CONDITION...: tells $runner to end as soon as the command succeeds.
stop_when() {
  local code=0 began
  for _ in $(seq 3000); do ! "$@" 2>/dev/null || break; sleep 0.01; done
  kill -TERM $runner
  began=$(date +%s%N)
  wait $runner || code=$?
  [ $code = 75 ] || { echo "FAILED: exit code $code"; cat out err; exit 1; }
  echo "ended after $((($(date +%s%N) - began) / 1000000)) ms"
}
for run in "yolo26n shapes/data.yaml 1" "yolo26n-cls classes 1" "yolo26n shapes/data.yaml 2"; do
  read -r model data processes <<<"$run"
  at=$model-$processes
  train=(env LOTSE_PROCESSES_PER_POD=$processes lotse-runner train --model $model --data $data --imgsz 192 --batch 8 --epochs 1
    --nominal-batch 8 --optimizer sgd --warmup-epochs 0 --threads 1 --device cpu --resume)
  expect 0 "${train[@]}" --output $at-whole
  "${train[@]}" --output $at-stopped >out 2>err & runner=$!
  # The state is saved when the epoch has been learned, before it is validated.
  stop_when [ -e $at-stopped/state.safetensors ]
  says err "stopped after 2 steps; the same run goes on from there"
  [ ! -s $at-stopped/results.jsonl ] || { echo "FAILED: the validation came to its end"; exit 1; }
  expect 0 "${train[@]}" --output $at-stopped
  says out "going on after epoch 0 and batch 2"
  cmp $at-whole/last.safetensors $at-stopped/last.safetensors
  cmp $at-whole/best.safetensors $at-stopped/best.safetensors

  [ "$processes" = 1 ] || continue
  lotse-runner val $at-whole/best.safetensors --data $data --imgsz 192 --threads 1 >out 2>err & runner=$!
  stop_when grep -q fp32 out
  says err "stopped by a signal"
done
