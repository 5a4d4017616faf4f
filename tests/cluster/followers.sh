# Sourced by cases: a Job of many pods, and whoever follows it while something breaks; a proxy that breaks.
: "${LOTSE:?}"
. "$cluster/workload.sh"

# rows COUNT: a Job whose pods print `row N` and `end`, one pod after the other.
rows() {
  count=$1
  job rows "$count" "containers: [{name: main, image: '$LOTSE_TEST_IMAGE', args: [print, 'row \$(JOB_COMPLETION_INDEX)', end]}]"
}

# follow_rows: logs, wait, status and get, each to a file of its name. Returns when two pods have ended.
follow_rows() {
  local limit=$((200 + 8 * count))
  timeout $limit "$LOTSE" logs -f rows >logs 2>logs.err & logs=$!
  timeout $limit "$LOTSE" wait rows >waited 2>wait.err & waited=$!
  timeout $limit "$LOTSE" status rows --watch >status 2>status.err & status=$!
  timeout $limit "$LOTSE" get pods --watch -o name >pods 2>pods.err & pods=$!
  until [ "$(grep -c row logs)" -ge 2 ] && [ -s pods ]; do sleep 0.1; done
}

# followed_rows: all of them came to their end and missed nothing, and no line came twice.
followed_rows() {
  wait $waited || { cat wait.err; exit 1; }
  wait $status || { cat status.err; exit 1; }
  wait $logs || { cat logs.err; exit 1; }
  same "$(grep -o 'row .*' logs | sort -k2n)" "$(seq -f 'row %g' 0 $((count - 1)))" "the lines"
  same "$(grep -c ' end$' logs)" "$count" "the last lines"
  grep -q Succeeded status
  until [ "$(sort -u pods | wc -l)" -ge "$count" ]; do sleep 0.1; done
  kill -INT $pods
  cat wait.err
}

# daemons NAME: the ids of the cluster's processes of that name.
daemons() {
  local pid
  for pid in $(processes); do
    [ "$(cat "/proc/$pid/comm")" != "$1" ] || echo "$pid"
  done
}

# behind_proxy [OPTIONS]: $proxied is a kubeconfig like KUBECONFIG that leads through tests/cluster/proxy, whose id is
# $proxy; port.away and port.cuts are its files.
behind_proxy() {
  "$cluster/proxy" "${server#https://}" "$PWD/port" "$@" & proxy=$!
  trap 'kill $proxy 2>/dev/null || true' EXIT
  until [ -s port ]; do sleep 0.05; done
  proxied=$PWD/proxied
  cp "$KUBECONFIG" "$proxied"
  kubectl --kubeconfig "$proxied" config set-cluster lotse-test --server="https://127.0.0.1:$(cat port)" \
    --tls-server-name="$node_address" >/dev/null
}
