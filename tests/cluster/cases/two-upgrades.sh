#!/usr/bin/env bash
# timeout: 180
# Promise A7 P3 on the real API server: of two upgrades of one workload that start together, or a little apart, one wins;
# the other says who holds it, or what came before it, within two seconds, or is decided by what the first one made. What is there in the end
# is one of the two and no mixture, and nobody takes a lock off by hand.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD LOTSE_IMAGE=$LOTSE_TEST_IMAGE
mkdir -p app/manifests
cat >app/template.yaml <<'END'
name: app
kind: service
version: 1.0.0
help: The probe, whose words are in three objects.
schema: {type: object, properties: {text: {type: string, default: one}}}
END
cat >app/manifests/10-config.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: "${workload.name}-text", labels: {$eval: workload.labels}}
data: {text: "${values.text}"}
END
cat >app/manifests/20-service.yaml <<'END'
apiVersion: v1
kind: Service
metadata: {name: "${workload.name}", labels: {$eval: workload.labels}, annotations: {text: "${values.text}"}}
spec: {selector: {lotse.dev/workload: "${workload.name}"}, ports: [{port: 80}]}
END
cat >app/manifests/30-deployment.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: "${workload.name}", labels: {$eval: workload.labels}, annotations: {text: "${values.text}"}}
spec:
  selector: {matchLabels: {lotse.dev/workload: "${workload.name}"}}
  template:
    metadata: {labels: {$eval: workload.labels}, annotations: {lotse.dev/revision: "${workload.revision}"}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: main, image: "${workload.image}", args: [pause]}]
END

# upgrade TEXT FILE DELAY: its exit code and the milliseconds that it took come into FILE.code, what it says into FILE.
upgrade() {
  local begun code=0
  sleep "$3"
  begun=$(date +%s%3N)
  "$LOTSE" serve --template ./app --name app --detach --text "$1" >"$2" 2>&1 </dev/null || code=$?
  echo "$code $(($(date +%s%3N) - begun))" >"$2.code"
}

held=0 outrun=0 after=0
for round in $(seq 0 11); do # 0: both install
  upgrade "a$round" first 0 & one=$!
  upgrade "b$round" second "0.$(printf %03d $((round * 15)))" & other=$!
  wait $one $other
  read -r code_a took_a <first.code
  read -r code_b took_b <second.code
  case $code_a$code_b in
    00) after=$((after + 1)) won="a$round b$round" ;;
    04) loser=second took=$took_b won=a$round ;;
    40) loser=first took=$took_a won=b$round ;;
    *) echo "round $round: $code_a and $code_b:" >&2; cat first second >&2; exit 1 ;;
  esac
  if [ "$code_a$code_b" != 00 ]; then
    if grep -qF "another command changes 'app' at this moment (on $(hostname), process " $loser; then
      held=$((held + 1))
    else
      grep -qF "another command changed 'app' at the same moment (to revision " $loser || { cat $loser >&2; exit 1; }
      outrun=$((outrun + 1))
    fi
    [ "$took" -lt 2000 ] || { echo "the loser of round $round took $took ms" >&2; exit 1; }
  fi
  texts=$(kubectl get configmap/app-text service/app deployment/app \
    -o go-template='{{range .items}}{{if .data}}{{.data.text}}{{else}}{{.metadata.annotations.text}}{{end}} {{end}}')
  read -r text rest <<<"$texts"
  same "$rest" "$text $text" "the objects of round $round"
  [[ " $won " == *" $text "* ]] || { echo "round $round: '$text' is there, and $won won" >&2; exit 1; }
  same "$(kubectl get configmap app -o 'jsonpath={.data.values\.json}')" "{\"text\":\"$text\"}" "the anchor of round $round"
  same "$(kubectl get configmap app -o 'jsonpath={.metadata.annotations.lotse\.dev/writing}')" "" "the mark after round $round"
  exits 0 "$LOTSE" diff app
  exits 0 "$LOTSE" history app -o json
  python3 - "$text" <<'P'
import json, sys
revisions = json.load(open("out"))["revisions"]
numbers = [each["number"] for each in revisions]
assert sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers))), numbers
current = [each for each in revisions if each["current"]]
assert len(current) == 1 and current[0]["number"] == max(numbers), current
assert current[0]["values"] == {"text": sys.argv[1]}, current
P
done
echo "12 rounds: $held losers were told who holds it, $outrun what came before them, $after times both were carried out"
[ $((held + outrun)) -gt 0 ] || { echo "they never met" >&2; exit 1; }
exits 0 "$LOTSE" delete app
