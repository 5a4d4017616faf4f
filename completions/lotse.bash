# Made by `lotse completion bash` from the command tree.
_lotse_commands() {
  case "$1" in
    'lotse') echo 'train export infer serve status why logs wait list get delete restart exec connect push fetch template context image version completion help' ;;
    'lotse template') echo 'list show render' ;;
    'lotse context') echo 'list use show check' ;;
    'lotse image') echo 'build' ;;
  esac
}
_lotse_flags() {
  case "$1" in
    'lotse') echo '--on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse train') echo '--model --data --output --epochs --batch --imgsz --seed --resume --no-resume --overwrite --no-overwrite --skip-bad --no-skip-bad --precision --device --threads --nominal-batch --optimizer --lr0 --lrf --momentum --weight-decay --warmup-epochs --cosine --no-cosine --ema-tau --patience --val-interval --max-steps --eval-batch-norm --no-eval-batch-norm --log-steps --no-log-steps --mosaic --close-mosaic --scale --translate --hsv-h --hsv-s --hsv-v --fliplr --workers --cpu --memory --gpus --gpu-type --node-selector --run-as-user --queue --backoff-limit --deadline --ttl --grace --output-size --storage-class --name --image --template --timeout --detach --replace --force-conflicts --values -f --set --dry-run --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse export') echo '--format --output --imgsz --batch --seed --head --precision --device --threads --cpu --memory --gpus --gpu-type --node-selector --run-as-user --queue --backoff-limit --deadline --ttl --grace --output-size --storage-class --name --image --template --timeout --detach --replace --force-conflicts --values -f --set --dry-run --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse infer') echo '--conf --iou --max-det --classes --imgsz --batch --seed --save --overwrite --no-overwrite --head --precision --device --threads --cpu --memory --gpus --gpu-type --node-selector --run-as-user --queue --backoff-limit --deadline --ttl --grace --output-size --storage-class --name --image --template --timeout --detach --replace --force-conflicts --values -f --set --dry-run --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse serve') echo '--model-name --host --port --conf --iou --max-det --imgsz --seed --drain-seconds --idle-seconds --head --precision --device --threads --replicas --service-port --cpu --memory --gpus --gpu-type --node-selector --run-as-user --name --image --template --timeout --detach --replace --force-conflicts --values -f --set --dry-run --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse status') echo '--output-format -o --watch --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse why') echo '--output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse logs') echo '--follow -f --rank --tail --since --previous --timestamps --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse wait') echo '--for --timeout --give-up-after --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse list') echo '--output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse get') echo '--output-format -o --selector -l --field-selector --all-namespaces -A --watch -w --headers --no-headers --show-managed-fields --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse delete') echo '--purge-data --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse restart') echo '--on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse exec') echo '--stdin -i --tty -t --container -c --rank --pod --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse connect') echo '--rank --pod --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse push') echo '--size --image --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse fetch') echo '--image --output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse template') echo '--help' ;;
    'lotse template list') echo '--output-format -o --help' ;;
    'lotse template show') echo '--output-format -o --help' ;;
    'lotse template render') echo '--values -f --set --name --image --on --namespace -n --output-format -o --help' ;;
    'lotse context') echo '--help' ;;
    'lotse context list') echo '--output-format -o --kubeconfig --help' ;;
    'lotse context use') echo '--kubeconfig --help' ;;
    'lotse context show') echo '--output-format -o --kubeconfig --raw --help' ;;
    'lotse context check') echo '--output-format -o --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse image') echo '--help' ;;
    'lotse image build') echo '--folder --tar --runner --tag --cuda --output-format -o --help' ;;
    'lotse version') echo '--output-format -o --server --on --namespace -n --kubeconfig --verbose --request-timeout --exec-plugin-policy --no-credential-cache --help' ;;
    'lotse completion') echo '--help' ;;
    'lotse help') echo '--help' ;;
  esac
}
_lotse_value() {
  case "$1 $2" in
    'lotse --on') echo 'names context' ;;
    'lotse --namespace'|'lotse -n') echo 'nothing' ;;
    'lotse --kubeconfig') echo 'files' ;;
    'lotse --request-timeout') echo 'nothing' ;;
    'lotse --exec-plugin-policy') echo 'nothing' ;;
    'lotse train --model') echo 'files' ;;
    'lotse train --data') echo 'files' ;;
    'lotse train --output') echo 'files' ;;
    'lotse train --epochs') echo 'nothing' ;;
    'lotse train --batch') echo 'nothing' ;;
    'lotse train --imgsz') echo 'nothing' ;;
    'lotse train --seed') echo 'nothing' ;;
    'lotse train --precision') echo 'choices fp32 bf16 auto' ;;
    'lotse train --device') echo 'nothing' ;;
    'lotse train --threads') echo 'nothing' ;;
    'lotse train --nominal-batch') echo 'nothing' ;;
    'lotse train --optimizer') echo 'choices auto musgd sgd adamw' ;;
    'lotse train --lr0') echo 'nothing' ;;
    'lotse train --lrf') echo 'nothing' ;;
    'lotse train --momentum') echo 'nothing' ;;
    'lotse train --weight-decay') echo 'nothing' ;;
    'lotse train --warmup-epochs') echo 'nothing' ;;
    'lotse train --ema-tau') echo 'nothing' ;;
    'lotse train --patience') echo 'nothing' ;;
    'lotse train --val-interval') echo 'nothing' ;;
    'lotse train --max-steps') echo 'nothing' ;;
    'lotse train --mosaic') echo 'nothing' ;;
    'lotse train --close-mosaic') echo 'nothing' ;;
    'lotse train --scale') echo 'nothing' ;;
    'lotse train --translate') echo 'nothing' ;;
    'lotse train --hsv-h') echo 'nothing' ;;
    'lotse train --hsv-s') echo 'nothing' ;;
    'lotse train --hsv-v') echo 'nothing' ;;
    'lotse train --fliplr') echo 'nothing' ;;
    'lotse train --workers') echo 'nothing' ;;
    'lotse train --cpu') echo 'nothing' ;;
    'lotse train --memory') echo 'nothing' ;;
    'lotse train --gpus') echo 'nothing' ;;
    'lotse train --gpu-type') echo 'nothing' ;;
    'lotse train --node-selector') echo 'nothing' ;;
    'lotse train --run-as-user') echo 'nothing' ;;
    'lotse train --queue') echo 'nothing' ;;
    'lotse train --backoff-limit') echo 'nothing' ;;
    'lotse train --deadline') echo 'nothing' ;;
    'lotse train --ttl') echo 'nothing' ;;
    'lotse train --grace') echo 'nothing' ;;
    'lotse train --output-size') echo 'nothing' ;;
    'lotse train --storage-class') echo 'nothing' ;;
    'lotse train --name') echo 'nothing' ;;
    'lotse train --image') echo 'nothing' ;;
    'lotse train --template') echo 'folders' ;;
    'lotse train --timeout') echo 'nothing' ;;
    'lotse train --values'|'lotse train -f') echo 'files' ;;
    'lotse train --set') echo 'nothing' ;;
    'lotse train --output-format'|'lotse train -o') echo 'choices text json yaml' ;;
    'lotse train --on') echo 'names context' ;;
    'lotse train --namespace'|'lotse train -n') echo 'nothing' ;;
    'lotse train --kubeconfig') echo 'files' ;;
    'lotse train --request-timeout') echo 'nothing' ;;
    'lotse train --exec-plugin-policy') echo 'nothing' ;;
    'lotse export --format') echo 'choices torchscript' ;;
    'lotse export --output') echo 'files' ;;
    'lotse export --imgsz') echo 'nothing' ;;
    'lotse export --batch') echo 'nothing' ;;
    'lotse export --seed') echo 'nothing' ;;
    'lotse export --head') echo 'choices auto o2o o2m' ;;
    'lotse export --precision') echo 'choices fp32 bf16 auto' ;;
    'lotse export --device') echo 'nothing' ;;
    'lotse export --threads') echo 'nothing' ;;
    'lotse export --cpu') echo 'nothing' ;;
    'lotse export --memory') echo 'nothing' ;;
    'lotse export --gpus') echo 'nothing' ;;
    'lotse export --gpu-type') echo 'nothing' ;;
    'lotse export --node-selector') echo 'nothing' ;;
    'lotse export --run-as-user') echo 'nothing' ;;
    'lotse export --queue') echo 'nothing' ;;
    'lotse export --backoff-limit') echo 'nothing' ;;
    'lotse export --deadline') echo 'nothing' ;;
    'lotse export --ttl') echo 'nothing' ;;
    'lotse export --grace') echo 'nothing' ;;
    'lotse export --output-size') echo 'nothing' ;;
    'lotse export --storage-class') echo 'nothing' ;;
    'lotse export --name') echo 'nothing' ;;
    'lotse export --image') echo 'nothing' ;;
    'lotse export --template') echo 'folders' ;;
    'lotse export --timeout') echo 'nothing' ;;
    'lotse export --values'|'lotse export -f') echo 'files' ;;
    'lotse export --set') echo 'nothing' ;;
    'lotse export --output-format'|'lotse export -o') echo 'choices text json yaml' ;;
    'lotse export --on') echo 'names context' ;;
    'lotse export --namespace'|'lotse export -n') echo 'nothing' ;;
    'lotse export --kubeconfig') echo 'files' ;;
    'lotse export --request-timeout') echo 'nothing' ;;
    'lotse export --exec-plugin-policy') echo 'nothing' ;;
    'lotse infer --conf') echo 'nothing' ;;
    'lotse infer --iou') echo 'nothing' ;;
    'lotse infer --max-det') echo 'nothing' ;;
    'lotse infer --classes') echo 'nothing' ;;
    'lotse infer --imgsz') echo 'nothing' ;;
    'lotse infer --batch') echo 'nothing' ;;
    'lotse infer --seed') echo 'nothing' ;;
    'lotse infer --save') echo 'files' ;;
    'lotse infer --head') echo 'choices auto o2o o2m' ;;
    'lotse infer --precision') echo 'choices fp32 bf16 fp16 auto' ;;
    'lotse infer --device') echo 'nothing' ;;
    'lotse infer --threads') echo 'nothing' ;;
    'lotse infer --cpu') echo 'nothing' ;;
    'lotse infer --memory') echo 'nothing' ;;
    'lotse infer --gpus') echo 'nothing' ;;
    'lotse infer --gpu-type') echo 'nothing' ;;
    'lotse infer --node-selector') echo 'nothing' ;;
    'lotse infer --run-as-user') echo 'nothing' ;;
    'lotse infer --queue') echo 'nothing' ;;
    'lotse infer --backoff-limit') echo 'nothing' ;;
    'lotse infer --deadline') echo 'nothing' ;;
    'lotse infer --ttl') echo 'nothing' ;;
    'lotse infer --grace') echo 'nothing' ;;
    'lotse infer --output-size') echo 'nothing' ;;
    'lotse infer --storage-class') echo 'nothing' ;;
    'lotse infer --name') echo 'nothing' ;;
    'lotse infer --image') echo 'nothing' ;;
    'lotse infer --template') echo 'folders' ;;
    'lotse infer --timeout') echo 'nothing' ;;
    'lotse infer --values'|'lotse infer -f') echo 'files' ;;
    'lotse infer --set') echo 'nothing' ;;
    'lotse infer --output-format'|'lotse infer -o') echo 'choices text json yaml' ;;
    'lotse infer --on') echo 'names context' ;;
    'lotse infer --namespace'|'lotse infer -n') echo 'nothing' ;;
    'lotse infer --kubeconfig') echo 'files' ;;
    'lotse infer --request-timeout') echo 'nothing' ;;
    'lotse infer --exec-plugin-policy') echo 'nothing' ;;
    'lotse serve --model-name') echo 'nothing' ;;
    'lotse serve --host') echo 'nothing' ;;
    'lotse serve --port') echo 'nothing' ;;
    'lotse serve --conf') echo 'nothing' ;;
    'lotse serve --iou') echo 'nothing' ;;
    'lotse serve --max-det') echo 'nothing' ;;
    'lotse serve --imgsz') echo 'nothing' ;;
    'lotse serve --seed') echo 'nothing' ;;
    'lotse serve --drain-seconds') echo 'nothing' ;;
    'lotse serve --idle-seconds') echo 'nothing' ;;
    'lotse serve --head') echo 'choices auto o2o o2m' ;;
    'lotse serve --precision') echo 'choices fp32 bf16 fp16 auto' ;;
    'lotse serve --device') echo 'nothing' ;;
    'lotse serve --threads') echo 'nothing' ;;
    'lotse serve --replicas') echo 'nothing' ;;
    'lotse serve --service-port') echo 'nothing' ;;
    'lotse serve --cpu') echo 'nothing' ;;
    'lotse serve --memory') echo 'nothing' ;;
    'lotse serve --gpus') echo 'nothing' ;;
    'lotse serve --gpu-type') echo 'nothing' ;;
    'lotse serve --node-selector') echo 'nothing' ;;
    'lotse serve --run-as-user') echo 'nothing' ;;
    'lotse serve --name') echo 'nothing' ;;
    'lotse serve --image') echo 'nothing' ;;
    'lotse serve --template') echo 'folders' ;;
    'lotse serve --timeout') echo 'nothing' ;;
    'lotse serve --values'|'lotse serve -f') echo 'files' ;;
    'lotse serve --set') echo 'nothing' ;;
    'lotse serve --output-format'|'lotse serve -o') echo 'choices text json yaml' ;;
    'lotse serve --on') echo 'names context' ;;
    'lotse serve --namespace'|'lotse serve -n') echo 'nothing' ;;
    'lotse serve --kubeconfig') echo 'files' ;;
    'lotse serve --request-timeout') echo 'nothing' ;;
    'lotse serve --exec-plugin-policy') echo 'nothing' ;;
    'lotse status --output-format'|'lotse status -o') echo 'choices text json' ;;
    'lotse status --on') echo 'names context' ;;
    'lotse status --namespace'|'lotse status -n') echo 'nothing' ;;
    'lotse status --kubeconfig') echo 'files' ;;
    'lotse status --request-timeout') echo 'nothing' ;;
    'lotse status --exec-plugin-policy') echo 'nothing' ;;
    'lotse why --output-format'|'lotse why -o') echo 'choices text json' ;;
    'lotse why --on') echo 'names context' ;;
    'lotse why --namespace'|'lotse why -n') echo 'nothing' ;;
    'lotse why --kubeconfig') echo 'files' ;;
    'lotse why --request-timeout') echo 'nothing' ;;
    'lotse why --exec-plugin-policy') echo 'nothing' ;;
    'lotse logs --rank') echo 'nothing' ;;
    'lotse logs --tail') echo 'nothing' ;;
    'lotse logs --since') echo 'nothing' ;;
    'lotse logs --output-format'|'lotse logs -o') echo 'choices text json' ;;
    'lotse logs --on') echo 'names context' ;;
    'lotse logs --namespace'|'lotse logs -n') echo 'nothing' ;;
    'lotse logs --kubeconfig') echo 'files' ;;
    'lotse logs --request-timeout') echo 'nothing' ;;
    'lotse logs --exec-plugin-policy') echo 'nothing' ;;
    'lotse wait --for') echo 'choices complete ready' ;;
    'lotse wait --timeout') echo 'nothing' ;;
    'lotse wait --give-up-after') echo 'nothing' ;;
    'lotse wait --output-format'|'lotse wait -o') echo 'choices text json' ;;
    'lotse wait --on') echo 'names context' ;;
    'lotse wait --namespace'|'lotse wait -n') echo 'nothing' ;;
    'lotse wait --kubeconfig') echo 'files' ;;
    'lotse wait --request-timeout') echo 'nothing' ;;
    'lotse wait --exec-plugin-policy') echo 'nothing' ;;
    'lotse list --output-format'|'lotse list -o') echo 'choices text json name' ;;
    'lotse list --on') echo 'names context' ;;
    'lotse list --namespace'|'lotse list -n') echo 'nothing' ;;
    'lotse list --kubeconfig') echo 'files' ;;
    'lotse list --request-timeout') echo 'nothing' ;;
    'lotse list --exec-plugin-policy') echo 'nothing' ;;
    'lotse get --output-format'|'lotse get -o') echo 'choices table wide name json yaml jsonpath=' ;;
    'lotse get --selector'|'lotse get -l') echo 'nothing' ;;
    'lotse get --field-selector') echo 'nothing' ;;
    'lotse get --on') echo 'names context' ;;
    'lotse get --namespace'|'lotse get -n') echo 'nothing' ;;
    'lotse get --kubeconfig') echo 'files' ;;
    'lotse get --request-timeout') echo 'nothing' ;;
    'lotse get --exec-plugin-policy') echo 'nothing' ;;
    'lotse delete --output-format'|'lotse delete -o') echo 'choices text json' ;;
    'lotse delete --on') echo 'names context' ;;
    'lotse delete --namespace'|'lotse delete -n') echo 'nothing' ;;
    'lotse delete --kubeconfig') echo 'files' ;;
    'lotse delete --request-timeout') echo 'nothing' ;;
    'lotse delete --exec-plugin-policy') echo 'nothing' ;;
    'lotse restart --on') echo 'names context' ;;
    'lotse restart --namespace'|'lotse restart -n') echo 'nothing' ;;
    'lotse restart --kubeconfig') echo 'files' ;;
    'lotse restart --request-timeout') echo 'nothing' ;;
    'lotse restart --exec-plugin-policy') echo 'nothing' ;;
    'lotse exec --container'|'lotse exec -c') echo 'nothing' ;;
    'lotse exec --rank') echo 'nothing' ;;
    'lotse exec --pod') echo 'nothing' ;;
    'lotse exec --on') echo 'names context' ;;
    'lotse exec --namespace'|'lotse exec -n') echo 'nothing' ;;
    'lotse exec --kubeconfig') echo 'files' ;;
    'lotse exec --request-timeout') echo 'nothing' ;;
    'lotse exec --exec-plugin-policy') echo 'nothing' ;;
    'lotse connect --rank') echo 'nothing' ;;
    'lotse connect --pod') echo 'nothing' ;;
    'lotse connect --output-format'|'lotse connect -o') echo 'choices text json' ;;
    'lotse connect --on') echo 'names context' ;;
    'lotse connect --namespace'|'lotse connect -n') echo 'nothing' ;;
    'lotse connect --kubeconfig') echo 'files' ;;
    'lotse connect --request-timeout') echo 'nothing' ;;
    'lotse connect --exec-plugin-policy') echo 'nothing' ;;
    'lotse push --size') echo 'nothing' ;;
    'lotse push --image') echo 'nothing' ;;
    'lotse push --output-format'|'lotse push -o') echo 'choices text json' ;;
    'lotse push --on') echo 'names context' ;;
    'lotse push --namespace'|'lotse push -n') echo 'nothing' ;;
    'lotse push --kubeconfig') echo 'files' ;;
    'lotse push --request-timeout') echo 'nothing' ;;
    'lotse push --exec-plugin-policy') echo 'nothing' ;;
    'lotse fetch --image') echo 'nothing' ;;
    'lotse fetch --output-format'|'lotse fetch -o') echo 'choices text json' ;;
    'lotse fetch --on') echo 'names context' ;;
    'lotse fetch --namespace'|'lotse fetch -n') echo 'nothing' ;;
    'lotse fetch --kubeconfig') echo 'files' ;;
    'lotse fetch --request-timeout') echo 'nothing' ;;
    'lotse fetch --exec-plugin-policy') echo 'nothing' ;;
    'lotse template list --output-format'|'lotse template list -o') echo 'choices text json' ;;
    'lotse template show --output-format'|'lotse template show -o') echo 'choices yaml json' ;;
    'lotse template render --values'|'lotse template render -f') echo 'files' ;;
    'lotse template render --set') echo 'nothing' ;;
    'lotse template render --name') echo 'nothing' ;;
    'lotse template render --image') echo 'nothing' ;;
    'lotse template render --on') echo 'choices local cluster' ;;
    'lotse template render --namespace'|'lotse template render -n') echo 'nothing' ;;
    'lotse template render --output-format'|'lotse template render -o') echo 'choices yaml json' ;;
    'lotse context list --output-format'|'lotse context list -o') echo 'choices text json name' ;;
    'lotse context list --kubeconfig') echo 'files' ;;
    'lotse context use --kubeconfig') echo 'files' ;;
    'lotse context show --output-format'|'lotse context show -o') echo 'choices text json' ;;
    'lotse context show --kubeconfig') echo 'files' ;;
    'lotse context check --output-format'|'lotse context check -o') echo 'choices text json' ;;
    'lotse context check --on') echo 'names context' ;;
    'lotse context check --namespace'|'lotse context check -n') echo 'nothing' ;;
    'lotse context check --kubeconfig') echo 'files' ;;
    'lotse context check --request-timeout') echo 'nothing' ;;
    'lotse context check --exec-plugin-policy') echo 'nothing' ;;
    'lotse image build --folder') echo 'folders' ;;
    'lotse image build --tar') echo 'files' ;;
    'lotse image build --runner') echo 'files' ;;
    'lotse image build --tag') echo 'nothing' ;;
    'lotse image build --output-format'|'lotse image build -o') echo 'choices text json' ;;
    'lotse version --output-format'|'lotse version -o') echo 'choices text json' ;;
    'lotse version --on') echo 'names context' ;;
    'lotse version --namespace'|'lotse version -n') echo 'nothing' ;;
    'lotse version --kubeconfig') echo 'files' ;;
    'lotse version --request-timeout') echo 'nothing' ;;
    'lotse version --exec-plugin-policy') echo 'nothing' ;;
  esac
}
_lotse_place() {
  case "$1" in
    'lotse export') echo 'files' ;;
    'lotse infer') echo 'files' ;;
    'lotse serve') echo 'files' ;;
    'lotse status') echo 'names workload' ;;
    'lotse why') echo 'names workload' ;;
    'lotse logs') echo 'names workload' ;;
    'lotse wait') echo 'names workload' ;;
    'lotse get') echo 'nothing' ;;
    'lotse delete') echo 'names workload' ;;
    'lotse restart') echo 'names workload' ;;
    'lotse exec') echo 'names workload' ;;
    'lotse connect') echo 'names workload' ;;
    'lotse push') echo 'files' ;;
    'lotse fetch') echo 'names workload' ;;
    'lotse template show') echo 'names template' ;;
    'lotse template render') echo 'names template' ;;
    'lotse context use') echo 'names context' ;;
    'lotse completion') echo 'choices bash zsh fish' ;;
    'lotse help') echo 'nothing' ;;
  esac
}

# Finds the command's path among the words before the cursor; fills COMPREPLY.
_lotse() {
  local word=${COMP_WORDS[COMP_CWORD]} path=lotse i source
  local previous=${COMP_WORDS[COMP_CWORD-1]}
  [ "$word" = "=" ] && word=
  [ "$previous" = "=" ] && previous=${COMP_WORDS[COMP_CWORD-2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    case " $(_lotse_commands "$path") " in *" ${COMP_WORDS[i]} "*) path="$path ${COMP_WORDS[i]}" ;; esac
  done
  source=$(_lotse_value "$path" "$previous")
  if [ -z "$source" ]; then
    case "$word" in
      -*) COMPREPLY=($(compgen -W "$(_lotse_flags "$path")" -- "$word")); return ;;
    esac
    source="choices $(_lotse_commands "$path")"
    [ "$source" = "choices " ] && source=$(_lotse_place "$path")
  fi
  case "$source" in
    "choices "*) COMPREPLY=($(compgen -W "${source#choices }" -- "$word")) ;;
    "names "*) COMPREPLY=($(compgen -W "$(lotse __complete "${source#names }" 2>/dev/null)" -- "$word")) ;;
    files) COMPREPLY=($(compgen -f -- "$word")) ;;
    folders) COMPREPLY=($(compgen -d -- "$word")) ;;
  esac
}
complete -o filenames -F _lotse lotse
