#!/usr/bin/env bash
# The kubelet rotates a log, again and again, under who follows it: the stream goes on and no line comes twice. Who is
# away for longer than the kubelet keeps a file is told what may be missing, and gets the rest.
#
# What the kubelet does not send cannot be shown (lib/kube/README.md): the last lines that containerd writes to the old
# file when the kubelet has gone over to the new one; and whole files, to whom it serves too late. It asks containerd at
# every line, so the lines here are long and few, and a file, of over 1,000 of them, lasts for seconds.
# timeout: 180
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"

lines=7500
job talker 1 "containers: [{name: main, image: '$LOTSE_TEST_IMAGE', args: [count, '$lines', '250']}]"
behind_proxy

timeout 120 "$LOTSE" logs -f talker >whole 2>whole.err & whole=$!
timeout 120 "$LOTSE" logs -f talker --kubeconfig "$proxied" >cut 2>cut.err & cut=$!
numbers() { grep -oE '[0-9]+ x+$' "$1" | cut -d' ' -f1; }
until [ -s cut ] && [ "$(wc -l <cut)" -gt 250 ]; do sleep 0.1; done
touch port.away # 250 KB a second: a file is full in 4 s, and the kubelet looks every 3 s
sleep 10
rm port.away

wait $whole || { cat whole.err; exit 1; }
wait $cut || { cat cut.err; exit 1; }
for who in whole cut; do
  cat $who.err
  diff <(numbers $who) <(numbers $who | sort -nu) # none out of order, none twice
  same "$(numbers $who | tail -1)" $((lines - 1)) "the last line"
done
missing() { echo $((lines - $(numbers "$1" | wc -l))); }
echo "missing: $(missing whole) lines of who stayed, $(missing cut) of who was away"
same "$(cat whole.err)" "" "what who stayed was warned of"
[ "$(missing whole)" -le 64 ] || { diff <(numbers whole) <(seq 0 $((lines - 1))); exit 1; }
[ "$(missing cut)" -gt 64 ] || { echo "nothing was rotated away: this shows nothing"; exit 1; }
grep -q "may be missing: it was rotated" cut.err
