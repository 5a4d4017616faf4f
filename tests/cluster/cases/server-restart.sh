#!/usr/bin/env bash
# The API server is killed and comes back: `logs -f`, `status --watch`, `wait` and `get --watch` go on, no line is lost
# and none comes twice.
# timeout: 270
# alone
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"

rows 6
follow_rows
kill -KILL $(daemons kube-apiserver)
begun=$SECONDS
sleep 0.2
until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done
echo "the API server was away for about $((SECONDS - begun)) s"
followed_rows
