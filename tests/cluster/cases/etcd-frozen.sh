#!/usr/bin/env bash
# etcd answers nothing for half a minute: what follows a workload goes on afterwards, no line is lost and none comes
# twice. A command that is begun meanwhile ends within its --request-timeout, and says who did not answer.
# timeout: 270
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"

rows 6
follow_rows
etcd=$(daemons server)
kill -STOP $etcd
trap 'kill -CONT $etcd' EXIT
frozen=$SECONDS
code=0
"$LOTSE" get configmaps --request-timeout 3s >/dev/null 2>refused || code=$?
[ $((SECONDS - frozen)) -le 8 ] || { echo "a request with a limit of 3 s took $((SECONDS - frozen)) s"; exit 1; }
cat refused
[ $code != 0 ] || echo "(the server answered from its cache)"
sleep $((30 - (SECONDS - frozen)))
kill -CONT $etcd
followed_rows
