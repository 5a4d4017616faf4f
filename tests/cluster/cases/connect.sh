#!/usr/bin/env bash
# timeout: 180
# `lotse connect` with the rights of role.yaml alone: the pod behind a Service answers on a port of this machine, many at
# once and whole, another pod takes over when that one is gone, Ctrl-C is the orderly end.
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../workload.sh"
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG

deployment web 1 "serve, '8080'"
pod() { kubectl get pods -l lotse.dev/workload=web -o 'jsonpath={.items[0].metadata.name}'; }
get() { curl -sS --noproxy '*' --max-time 10 "$@"; }

start() { # ARGUMENTS: sets `url`
  : >address
  "$LOTSE" connect web "$@" -o json >address &
  connection=$!
  trap 'kill $connection 2>/dev/null || true' EXIT
  wait_until "the address" test -s address
  fits address connect
  url=$(python3 -c 'import json; print(json.load(open("address"))["url"])')
}
stop() { # by Ctrl-C
  kill -INT $connection
  local code=0
  wait $connection || code=$?
  same $code 0 "the exit code after Ctrl-C"
}
wait_until() {
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@"; do [ $SECONDS -lt $end ] || { echo "gave up waiting for $what" >&2; exit 1; }; sleep 0.2; done
}

start
same "$(get "$url/")" "$(pod)" "the answer through the connection"
same "$(get "http://[::1]:${url##*:}/")" "$(pod)" "the answer on ::1"
for i in $(seq 40); do get "$url/$i" >answer-$i & requests+=($!); done
wait "${requests[@]}"
same "$(cat answer-* | sort | uniq -c | tr -s ' ')" " 40 $(pod)" "forty answers at once"
# A connection that stays open does not keep others out; large bodies come whole both ways.
head -c 20000000 /dev/urandom >big
same "$(get --data-binary @big "$url/sum")" "$(sha256sum <big | cut -d' ' -f1)" "the checksum of 20 MB sent"
get "$url/bytes/20000000" | wc -c | grep -qx 20000000
old=$(pod)
KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl delete pod "$old" >/dev/null
wait_until "another pod" test "$(pod)" != "$old"
kubectl rollout status deployment/web --timeout=60s >/dev/null
moved() { [ "$(get "$url/" 2>/dev/null)" = "$(pod)" ]; }
wait_until "an answer of the new pod" moved
stop

start 18734:80 # the Service's port leads to its target
same "$url" http://127.0.0.1:18734 "the address"
same "$(get "$url/")" "$(pod)" "the answer on a chosen port"
code=0
"$LOTSE" connect web 18734:http 2>err >out || code=$?
same $code 2 "the exit code for a port that is taken"
grep -q "cannot listen on 127.0.0.1:18734" err
stop
code=0
"$LOTSE" connect web 0:nothing 2>err >out || code=$?
same $code 3 "the exit code for a port that the pod does not have"
grep -q "8080 (http)" err
