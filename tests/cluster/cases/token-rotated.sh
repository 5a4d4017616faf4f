#!/usr/bin/env bash
# The token in a file is replaced and the old one revoked under those who follow a workload; then their streams are cut,
# so that each has to come back with the new one. Nobody notices, and no token is in what they print.
# timeout: 270
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"

# A token lives as long as the object that it is bound to.
token() { # NAME
  kubectl create secret generic "$1" >/dev/null
  kubectl create token lotse --duration=1h --bound-object-kind=Secret --bound-object-name="$1"
}
revoked() { ! kubectl --kubeconfig "$LOTSE_TEST_TOKEN_KUBECONFIG" --token "$1" get pods >/dev/null 2>&1; }

first=$(token first)
second=$(token second)
echo "$first" >token
KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG behind_proxy
kubectl --kubeconfig "$proxied" config unset users.lotse.token >/dev/null
kubectl --kubeconfig "$proxied" config set users.lotse.tokenFile "$PWD/token" >/dev/null

rows 6
KUBECONFIG=$proxied follow_rows
echo "$second" >token.new
mv token.new token
kubectl delete secret first >/dev/null
until revoked "$first"; do sleep 0.2; done
kill -USR1 $proxy
followed_rows
! grep -rF -e "$first" -e "$second" logs logs.err waited wait.err status status.err pods pods.err
