#!/usr/bin/env bash
# timeout: 420
# needs: runner
# `lotse push` and `lotse fetch` with the rights of role.yaml alone, in a namespace that enforces Pod Security's restricted
# rules: a thousand small files and one of 100 MB there and back, equal; gone on after kill -9 and after Ctrl-C in the
# middle; no helper pod remains.
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../runner-image.sh"
kubectl label namespace "$LOTSE_TEST_NAMESPACE" pod-security.kubernetes.io/enforce=restricted >/dev/null
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG

field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
helpers() { kubectl get pods -l lotse.dev/helper=files --no-headers 2>/dev/null | awk "$1" | wc -l; }

for i in $(seq 1000); do
  mkdir -p "tree/folder$((i % 10))"
  head -c $((i * 7 % 3000)) /dev/urandom >"tree/folder$((i % 10))/file $i"
done
mkdir tree/empty
cp /bin/true tree/program
head -c 100000000 /dev/urandom >tree/z-big

code=0; "$LOTSE" push tree volume:data/sub 2>err >out || code=$?
same $code 3 "the exit code without the claim"
grep -q -- '--size 10Gi makes one' err
"$LOTSE" push tree volume:data/sub --size 1Gi &
push=$!
# Each file is read for its checksum, and again when it is sent: this is in the middle of the large one.
until [ "$(awk '/^rchar/ {print $2}' /proc/$push/io)" -gt 150000000 ]; do sleep 0.01; done
kill -9 $push
wait $push || true
same "$(helpers '{print}')" 1 "helper pods that a killed push left"

"$LOTSE" push tree volume:data/sub -o json >again
fits again copy
same "$(field files <again)" 1002 "files"
same "$(field sentFiles <again)" 1 "files that the killed push had not finished"
same "$("$LOTSE" push tree volume:data/sub -o json | field sentFiles)" 0 "files sent when all are there"

"$LOTSE" fetch volume:data/sub back &
fetch=$!
until [ "$(du -sb back 2>/dev/null | cut -f1)" -gt 20000000 ] 2>/dev/null; do sleep 0.01; done
kill -INT $fetch
code=0; wait $fetch || code=$?
same $code 130 "the exit code after Ctrl-C"
"$LOTSE" fetch volume:data/sub back -o json >again
fits again copy
[ "$(field sentFiles <again)" -lt 1002 ] || { echo "fetch began anew" >&2; exit 1; }
diff -r tree back
[ -x back/program ] && [ ! -x back/z-big ] && [ -d back/empty ]
"$LOTSE" fetch volume:data/sub/program one && cmp tree/program one/program

ln -s /etc/passwd tree/link
code=0; "$LOTSE" push tree volume:data/sub 2>err >out || code=$?
same $code 2 "the exit code for a link"
grep -q 'link: is a symbolic link' err
code=0; "$LOTSE" fetch volume:data/nothing x 2>err >out || code=$?
same $code 2 "the exit code for what is not there"
grep -q 'in the pod: cannot find /volumes/data/nothing' err

# The helper of the killed push sees that nobody talks to it, ends, and the next push takes it away.
end=$((SECONDS + 120))
until [ "$(helpers '$3 != "Completed"')" = 0 ]; do [ $SECONDS -lt $end ] || { kubectl get pods; exit 1; }; sleep 1; done
"$LOTSE" fetch volume:data/sub/program one >/dev/null
kubectl wait pods -l lotse.dev/helper=files --for=delete --timeout=30s

# What push made is of no workload: that it is there, and how it goes, is told.
"$LOTSE" list --orphans >out
grep -qE "^data .* kubectl delete pvc data$" out || { cat out >&2; exit 1; }
