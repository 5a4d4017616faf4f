# needs: runner
# What -o json prints has a form that is written down in docs/formats: each command is in its table, each schema is held by a
# test. And what needs an API server, against a scripted one; and an image.
page=$CHECKOUT/docs/formats/README.md
lotse completion bash | sed -nE "s/^ *'(lotse[^']*)'\) echo '.*--output-format .*/\1/p" >commands
[ "$(wc -l <commands)" -gt 30 ] || { echo "FAILED: the commands with -o were not found"; cat commands; exit 1; }
in_table() { grep -qE "^\|.*\`$1[\` ]" "$page"; }
while read -r command; do
  [[ ! "$command" =~ ^(lotse\ (plan|run))\  ]] || command=${BASH_REMATCH[1]}
  in_table "$command" || { echo "FAILED: $command has -o, and docs/formats/README.md has no line for it"; exit 1; }
done <commands
for schema in "$CHECKOUT"/docs/formats/*.schema.json; do
  name=$(basename "$schema" .schema.json)
  grep -rqE "fits [^ ]+ $name( |$)" "$CHECKOUT"/tests/cli/*_test.sh ||
    { echo "FAILED: no test holds an answer to $schema"; exit 1; }
done

# The check finds what a schema lacks, and what is missing.
lotse version -o json | sed 's/"client"/"new": 1, "client"/' >more
lotse version -o json | grep -v apiVersion >less
for file in more less; do
  if (fits $file version) 2>err; then echo "FAILED: $file fits"; exit 1; fi
  says err "docs/formats/version.schema.json"
done

expect 0 lotse image build --tar image.tar -o json
fits out image-build
rm image.tar

serves empty python3 "$CHECKOUT/tests/cli/api_server.py"
expect 0 lotse gpus -o json
fits out gpus
says out '"type": "NVIDIA-A100"'
expect 0 lotse events -o json
fits out events
says out '"events": []'
expect 0 lotse top -o json
fits out top
says out '"workloads": []'
expect 3 lotse events nobody
expect 3 lotse context check -o json
fits out context-check
says out '"complete": false'
expect 0 lotse version --server -o json
fits out version
says out '"server": "v1.37.0"'
expect 11 lotse plan serve yolo26n --image r:1 --name eyes -o json
fits out plan
says out '"code": "RightMissing"'
