#!/usr/bin/env bash
# A pod of several containers, one of them before the others: each line says whose it is, followed or read afterwards.
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../workload.sh"

container() { echo "{name: $1, image: '$LOTSE_TEST_IMAGE', args: [$2]}"; }
job several 1 "initContainers: [$(container first 'print, one')],
  containers: [$(container main "count, '3', '1'"), $(container beside 'print, two, three')]"
lines() { sed 's/ x*$//' "$1" | sort; }
expected='[0/beside] three
[0/beside] two
[0/first] one
[0/main] 0
[0/main] 1
[0/main] 2'
timeout 60 "$LOTSE" logs -f several >followed
same "$(lines followed)" "$expected" "what was followed"
same "$(head -1 followed)" "[0/first] one" "the first line"
"$LOTSE" logs several >read
same "$(lines read)" "$expected" "what was read afterwards"
