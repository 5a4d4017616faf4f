#!/usr/bin/env bash
# etcd answers nothing for half a minute: what follows a workload goes on afterwards, no line is lost and none comes
# twice. A command that is begun meanwhile ends within its --request-timeout, and says who did not answer; Ctrl-C ends
# those that wait at once.
# timeout: 270
# alone
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"

rows 4
follow_rows
etcd=$(daemons server)
kill -STOP $etcd
trap 'kill -CONT $etcd' EXIT
frozen=$SECONDS
code=0
"$LOTSE" get configmaps --request-timeout 3s >/dev/null 2>refused || code=$?
[ $((SECONDS - frozen)) -le 8 ] || { echo "a request with a limit of 3 s took $((SECONDS - frozen)) s"; exit 1; }
cat refused
same $code 5 "the exit code where nobody answers"
for command in "get configmaps" "wait rows" "status rows --watch" "logs -f rows"; do
  "$LOTSE" $command >/dev/null 2>&1 & waiting=$!
  sleep 1
  before=$(date +%s%N)
  kill -INT $waiting
  code=0
  wait $waiting || code=$?
  spent=$((($(date +%s%N) - before) / 1000000))
  echo "lotse $command: left $spent ms after Ctrl-C"
  same $code 130 "the exit code of $command"
  [ $spent -le 500 ] || exit 1 # promised are 200 ms; the machine may be busy
done
sleep $((30 - (SECONDS - frozen)))
kill -CONT $etcd
followed_rows
