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
expect 2 lotse train --gpus 2 --data volume:d/data.yaml --on local --dry-run
says err "gpus: must be at most 1, is 2"
says err "--workers N is N pods with one each"
expect 2 lotse serve yolo26n --gpus 2 --on local --dry-run
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
for verb in train export infer serve status list get logs wait delete restart template context image version completion; do
  expect 0 lotse $verb --help
  says out "Usage: lotse $verb"
  expect 0 lotse help $verb
done
expect 0 lotse train --help
says out "--epochs N"
says out "--[no-]resume"
