#!/usr/bin/env bash
# Jobs that go away, by their time to live or by somebody's hand, while they are waited for or before: the result is
# told where it is known, nothing hangs, and --timeout is kept.
. "$(dirname "$0")/../expect.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD
train=("$LOTSE" train --template "$(dirname "$0")/../templates/job" --image "$LOTSE_TEST_IMAGE")

# returns CODE COMMAND...: within 30 s; its output is in the files out and err.
returns() {
  local wanted=$1 code=0
  shift
  timeout 30 "$@" >out 2>err || code=$?
  [ $code = "$wanted" ] || { echo "$* returned $code, not $wanted:" >&2; cat out err >&2; exit 1; }
}
says() { grep -qF -- "$2" "$1" || { echo "'$2' is not in $1:" >&2; cat "$1" >&2; exit 1; }; }
job() { kubectl get job -l "lotse.dev/workload=$1" -o name; }
until_gone() {
  for _ in $(seq 100); do [ -n "$(job "$1")" ] || return 0; sleep 0.2; done
  echo "the Job of $1 stays" >&2; exit 1
}

# Started first, so that they end while the rest runs.
"${train[@]}" --name unseen --ttl 1 --detach --args print --args x >/dev/null
"${train[@]}" --name broken --ttl 1 --detach --args nonsense >/dev/null
for name in attached waited logged; do "${train[@]}" --name $name --detach --args sleep --args 100 >/dev/null; done

# Known to who was there, and afterwards to everybody.
returns 0 "${train[@]}" --name seen --ttl 1 --args print --args hello
says out hello
until_gone seen
returns 0 "$LOTSE" wait seen
says out "seen: Succeeded"
[ -n "$(kubectl get configmap seen -o 'jsonpath={.metadata.annotations.lotse\.dev/result}')" ]
returns 0 "$LOTSE" status seen
says out "seen: Succeeded"
returns 3 "$LOTSE" logs -f seen
says err "their logs with them"
# The same again is a run of its own: what was kept of the first is not its result.
"${train[@]}" --name seen --ttl 1 --detach --args print --args hello >/dev/null
[ -z "$(kubectl get configmap seen -o 'jsonpath={.metadata.annotations.lotse\.dev/result}')" ]

# Nobody was there: the Job controller's Events know it.
until_gone unseen
returns 0 "$LOTSE" wait unseen
until_gone broken
returns 2 "$LOTSE" wait broken
says out "failed with exit code 2"

# Deleted while it is followed.
background() { # CODE-FILE COMMAND...: its code comes into the file.
  local file=$1 code=0
  shift
  timeout 40 "$@" >"$file.out" 2>&1 || code=$?
  echo $code >"$file"
}
background attached "${train[@]}" --name attached --args sleep --args 100 &
background waited "$LOTSE" wait waited &
background logged "$LOTSE" logs -f logged &
for name in attached waited logged; do kubectl wait "$(job $name)" --for=jsonpath='{.status.ready}'=1 --timeout=30s; done
sleep 1
for name in attached waited logged; do kubectl delete "$(job $name)" --wait=false; done
wait
same "$(cat attached)" 3 "the code of an attached run whose Job is deleted ($(cat attached.out))"
same "$(cat waited)" 3 "the code of a wait whose Job is deleted ($(cat waited.out))"
same "$(cat logged)" 0 "the code of followed logs whose Job is deleted ($(cat logged.out))"
says attached.out "nothing is known of how 'attached' ended"
returns 0 "$LOTSE" list
grep -qE '^waited +train +Gone' out

# The time given is the time taken.
started=$SECONDS
returns 124 "${train[@]}" --name slow --timeout 3s --args sleep --args 100
[ $((SECONDS - started)) -le 5 ] || { echo "--timeout 3s took $((SECONDS - started)) s" >&2; exit 1; }
returns 124 "$LOTSE" wait slow --timeout 1s
