#!/usr/bin/env bash
# timeout: 60
# What a shell asks for while the user types, of a real server: names of workloads, contexts, templates and their flags.
# Whatever fails, nothing is said, and soon.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
completions=$(cd "$(dirname "$0")/../../.." && pwd)/completions
complete_bash() {
  PATH=$(dirname "$LOTSE"):$PATH bash --norc -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lotse; printf "%s\n" "${COMPREPLY[@]}"' \
    "$completions/lotse.bash" "$@"
}

same "$("$LOTSE" __complete workload)" "" "names where there are none"
for name in eyes ears train-1; do
  "$LOTSE" run service --name $name --image localhost:5077/x:1 --replicas 0 --env A=b --detach >/dev/null
done
kubectl create configmap of-others >/dev/null
same "$("$LOTSE" __complete workload | xargs)" "ears eyes train-1" "names"
same "$(KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG "$LOTSE" __complete workload | xargs)" "ears eyes train-1" "names, by the documented Role"
same "$(complete_bash lotse status e | xargs)" "ears eyes" "names in bash"
same "$(complete_bash lotse logs -f train | xargs)" train-1 "a name in bash"
same "$(complete_bash lotse status --on lotse | xargs)" lotse-test "a context in bash"
same "$("$LOTSE" __complete context | xargs)" "local lotse-test" "contexts"

same "$(complete_bash lotse status -n kube-system e | xargs)" "" "names of another namespace in bash"
same "$(complete_bash lotse status --namespace = "$LOTSE_TEST_NAMESPACE" e | xargs)" "ears eyes" "names of this namespace, named, in bash"
same "$(complete_bash lotse status --on local e | xargs)" "" "names of this machine in bash"

mkdir -p config/lotse/templates
"$LOTSE" template init config/lotse/templates/mine --from service >/dev/null
same "$(complete_bash lotse run mi)" mine "a template in bash"
same "$(complete_bash lotse run mine --ready)" --ready-path "a template's flag in bash"

sed 's/198\.18\.0\.2/198.18.0.99/' "$KUBECONFIG" >elsewhere
same "$(KUBECONFIG=elsewhere timeout 10 "$LOTSE" __complete workload 2>&1; echo $?)" 0 "names of a server that is not there"
