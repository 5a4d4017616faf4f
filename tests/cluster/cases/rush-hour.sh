#!/usr/bin/env bash
# timeout: 300
# A service with --max is scaled up under load and down after it, by the real autoscaler and metrics-server; no request is
# lost, and applying the same again leaves the autoscaler's number alone. With the rights of role.yaml.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
rush() {
  "$LOTSE" run service --image "$LOTSE_TEST_IMAGE" --name rush --cpu 20m --cpu-limit 500m --memory 64Mi --grace 2 \
    --drain-seconds 3 --port 8080 --min 1 --max 3 --target cpu=60 --scale-down-after 0 "$@" -- serve 8080
}
replicas() { kubectl get deployment rush -o 'jsonpath={.spec.replicas}'; }
until_replicas() { # LEAST MOST
  local now
  for _ in $(seq 600); do
    now=$(replicas)
    [ "$now" -lt "$1" ] || [ "$now" -gt "$2" ] || return 0
    sleep 0.2
  done
  echo "$now replicas, not from $1 to $2" >&2
  KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl describe hpa rush >&2
  exit 1
}
exits 0 rush
url=http://$(kubectl get service rush -o 'jsonpath={.spec.clusterIP}')
head -c 1000000 /dev/zero >body
calls() { # WHILE-FILE PAUSE: one line for each call
  while [ -e "$1" ]; do
    if curl -sf --max-time 20 --data-binary @body "$url/sum" >/dev/null; then echo good; else echo bad; fi
    sleep "$2"
  done
}
touch busy open
trap 'rm -f busy open; wait' EXIT
calls busy 0.05 >heavy &
calls open 0.2 >light &
until_replicas 2 3
exits 0 rush
[ "$(replicas)" -ge 2 ] || { echo "applying it again took the pods away" >&2; exit 1; }
rm busy
until_replicas 1 1
sleep 5 # the pods that go still answer
rm open
wait
same "$(cat heavy light | grep -c bad)" 0 "requests that failed of $(cat heavy light | wc -l)"
# Without --max there is no autoscaler, and its number may be taken from it.
exits 0 "$LOTSE" run service --image "$LOTSE_TEST_IMAGE" --name rush --cpu 20m --cpu-limit 500m --memory 64Mi --grace 2 \
  --drain-seconds 3 --port 8080 --replicas 2 --force-conflicts -- serve 8080
same "$(KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl get hpa -o name)" "" autoscalers
same "$(replicas)" 2 replicas
exits 0 "$LOTSE" delete rush
