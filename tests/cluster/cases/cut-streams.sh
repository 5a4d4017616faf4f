#!/usr/bin/env bash
# A network that resets every connection after some kilobytes, at random: what follows a workload goes on, no line is
# lost and none comes twice. ROWS=N: for longer (tests/soak/cut_streams).
# timeout: 270
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"

behind_proxy --cut 50000
rows "${ROWS:-6}"
KUBECONFIG=$proxied follow_rows
followed_rows
kill $proxy
wait $proxy
cuts=$(cat port.cuts)
echo "$cuts connections were cut"
[ "$cuts" -ge 10 ] || { echo "too few to show anything"; exit 1; }
