#!/usr/bin/env bash
# The kubelet rotates a log, again and again, under who follows it: no line is lost and none comes twice. Who is away for
# longer than the kubelet keeps a file is told what may be missing, and gets the rest.
# timeout: 180
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"

lines=90000
job talker 1 "containers: [{name: main, image: '$LOTSE_TEST_IMAGE', args: [count, '$lines', '3000']}]"
behind_proxy

timeout 120 "$LOTSE" logs -f talker >whole 2>whole.err & whole=$!
timeout 120 "$LOTSE" logs -f talker --kubeconfig "$proxied" >cut 2>cut.err & cut=$!
numbers() { grep -oE '[0-9]+ x+$' "$1" | cut -d' ' -f1; }
until [ "$(wc -l <cut)" -gt 3000 ]; do sleep 0.1; done
touch port.away # 3,000 lines of 140 bytes a second: a file is full in 3 s, and the kubelet looks every 3 s
sleep 10
rm port.away

wait $whole || { cat whole.err; exit 1; }
wait $cut || { cat cut.err; exit 1; }
same "$(numbers whole | md5sum)" "$(seq 0 $((lines - 1)) | md5sum)" "the lines of who stayed"
cat cut.err
missing=$((lines - $(numbers cut | wc -l)))
echo "$missing lines were rotated away meanwhile"
same "$(numbers cut | uniq -d | wc -l)" 0 "lines that came twice"
same "$(numbers cut | md5sum)" "$(numbers cut | sort -n | md5sum)" "the order of the lines"
[ $missing -gt 0 ] || { echo "nothing was rotated away: this shows nothing"; exit 1; }
grep -q "may be missing: it was rotated" cut.err
same "$(numbers cut | tail -1)" $((lines - 1)) "the last line"
