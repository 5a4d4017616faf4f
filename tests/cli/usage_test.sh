# Mistakes on the command line: exit 2, what is wrong, and what was probably meant.
expect 0 lotse --help
says out "Usage: lotse"
says out "train"
expect 2 lotse trainn
says err "lotse: \`lotse\` has no command 'trainn'"
says err "did you mean train?"
expect 2 lotse train --epohs 3
says err "has no flag --epohs"
says err "did you mean --epochs?"
expect 2 lotse train --epochs many --data volume:d/data.yaml --on local
says err "--epochs"
expect 2 lotse train --epochs 0 --data volume:d/data.yaml --on local --dry-run
says err "epochs"
expect 2 lotse train --gpus 65 --data volume:d/data.yaml --on local --dry-run
says err "gpus: must be at most 64, is 65"
expect 2 lotse serve yolo26n --gpus 2 --on local --dry-run
says err "gpus: must be at most 1, is 2"
says err "--replicas N is N pods with one each"
expect 2 lotse train --on local
says err "data"
expect 2 lotse wait
says err "NAME is missing"
expect 2 lotse list surplus
says err "'surplus' is one argument too many"
expect 2 lotse status -o xml
says err "must be one of text, json"
expect 2 lotse template
says err "needs a command"
expect 2 lotse train --on local --data nowhere/data.yaml
says err "--data: there is no file 'nowhere/data.yaml'"
expect 2 lotse train --on local --data volume:d/x.yaml --name Not_A_Name
says err "--name: 'Not_A_Name'"
expect 2 lotse context check --on local
says err "local has no API server"
expect 3 lotse context check --on nowhere
says err "nowhere"
for verb in train val export infer serve run status list events top get logs wait delete restart exec connect push fetch \
  template context image version completion; do
  expect 0 lotse $verb --help
  says out "Usage: lotse $verb"
  expect 0 lotse help $verb
done
expect 0 lotse train --help
says out "--epochs N"
says out "--[no-]resume"

# What strangers type: other programs' verbs, flags as pflag reads them, numbers and durations as people write them.
for pair in ls:list ps:list rm:delete cancel:delete describe:status port-forward:connect predict:infer; do
  expect 2 lotse "${pair%%:*}"
  says err "did you mean ${pair##*:}?"
done
expect 2 lotse cp
says err "did you mean push or fetch?"
expect 0 lotse -n team list --on local
expect 0 lotse list -o=json -n= --on local
fits out list
expect 2 lotse exec x nvidia-smi -L --on local
says err "lotse exec x -- COMMAND"
expect 2 lotse train --on
says err "--on needs a value: CONTEXT"
expect 2 lotse train --data volume:d/data.yaml --gpu 1 --on local
says err "did you mean --gpus?"
expect 2 lotse train --on local
says err "--data: is required"
expect 2 lotse wait x --on local --timeout soon
says err "write 30s, 5m, 1h30m or 2d"
for time in 1h30m 500ms 1d12h 90; do expect 3 lotse wait x --on local --timeout $time; done
for size in 1GB -1Gi 0 nan; do
  expect 2 lotse push . volume:v --size $size --on local
  says err "--size: '$size' is no size of a volume"
done
render() { lotse train --on local --dry-run --data volume:d/data.yaml "$@"; }
expect 0 render --queue= --name=
says out "mode"
refused() {
  local words=$1
  shift
  expect 2 render "$@"
  says err "$words"
}
refused "--imgsz: must be a multiple of 32, is 100" --imgsz 100
refused "--ttl: must be at most 2147483647, is 3000000000" --ttl 3000000000
refused "--workers: must be at most 100000, is 5000000000" --workers 5000000000
refused "--epochs: '99999999999999999999' is no whole number of 64 bits" --epochs 99999999999999999999
refused "--lr0: 'nan' is no number" --lr0 nan
refused "lr0: must be a number" --set lr0=.nan
refused '--node-selector: "bad key" does not have the right form' --node-selector 'bad key=x'
refused '--node-selector: node_selector.a: "b c" does not have the right form' --node-selector 'a=b c'
refused '--storage-class: "Fast_Class" does not have the right form' --storage-class Fast_Class
refused '--queue: "a b" does not have the right form' --queue 'a b'
refused "--cpu" --cpu many

# Values from standard input; a quantity may be a number there.
printf 'cpu: 2\nmemory: 1Gi\ndata: "volume:d/data.yaml"\n' >values
code=0
lotse train --on local --dry-run -f - <values >out 2>err || code=$?
[ "$code" = 0 ] || { cat err; exit 1; }
says out 'cpu: "2"'
printf 'epochs: 0\n' >values
code=0
lotse train --on local --dry-run -f - <values >out 2>err || code=$?
[ "$code" = 2 ]
says err "standard input:1:9: epochs"

# No message is C++'s.
expect 2 lotse list --kubeconfig /nowhere/config
says err "cannot read /nowhere/config: No such file or directory"
expect 2 lotse train --on local --dry-run --data "$(printf 'x%.0s' {1..300})/data.yaml"
if grep 'filesystem error' err; then exit 1; fi
