# Credential plug-ins as a user meets them (docs/promises.md A3), on an HTTPS server of this machine: how often they run, which
# may, how they fail, and that nothing they give is ever shown.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=server \
  -addext subjectAltName=IP:127.0.0.1 -keyout server.key -out server.pem 2>/dev/null
echo canary-token-1 >token
python3 "$CHECKOUT/tests/cli/support/api_server.py" . &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for _ in $(seq 300); do [ -f port ] && break; sleep 0.1; done
port=$(cat port)

cat >plugin <<'END'
#!/bin/sh
echo run >>runs
sleep "${PLUGIN_SLEEP:-0}"
echo "plug-in speaking" >&2
[ -z "$PLUGIN_CODE" ] || exit "$PLUGIN_CODE"
later=$(date -u -d "+1 hour" +%Y-%m-%dT%H:%M:%SZ)
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s","expirationTimestamp":"%s"}}' \
  "$(cat token)" "$later"
END
chmod +x plugin
cat >config <<END
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "https://127.0.0.1:$port", certificate-authority: server.pem}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: ./plugin}}}]
END
export KUBECONFIG=$PWD/config
runs() { [ ! -f runs ] || grep -c run runs; }
ran() { [ "$(runs)" = "$1" ] || { echo "FAILED: the plug-in ran $(runs) times, not $1"; exit 1; }; }
all=$PWD/everything
keep() { cat out err >>"$all"; }
cold() { rm -rf "$HOME/.cache" runs; }

# Once, and not again as long as what it gave is good.
expect 0 lotse list --verbose --verbose --verbose; keep
says err "plug-in speaking"
says err "GET https://127.0.0.1:$port/api/v1/"
expect 0 lotse list -o json; keep
ran 1
kept=("$HOME"/.cache/lotse/credentials/*.json)
[ "$(stat -c %a "${kept[0]}")" = 600 ] || { echo "FAILED: others can read ${kept[0]}"; exit 1; }
expect 0 lotse list --no-credential-cache; keep
expect 0 lotse list --no-credential-cache; keep
ran 3
XDG_CACHE_HOME=$PWD/cache expect 0 lotse list
[ -d cache/lotse/credentials ] || { echo "FAILED: XDG_CACHE_HOME was not heeded"; exit 1; }

# A token that the server no longer takes: once more, also for the next command; then an end.
echo canary-token-2 >token
expect 0 lotse list --verbose --verbose; keep
expect 0 lotse list; keep
ran 5
sed 's/canary-token-2/canary-token-3/' token >other
cp plugin plugin.good
sed -i 's/cat token/cat other/' plugin
expect 3 lotse list --no-credential-cache --verbose --verbose; keep
says err "Unauthorized"
ran 7
mv plugin.good plugin

# Commands that start together.
cold
for i in 1 2 3 4; do PLUGIN_SLEEP=0.5 lotse list >"out$i" 2>&1 & pids[i]=$!; done
for i in 1 2 3 4; do wait "${pids[i]}" || { echo "FAILED: one of four"; cat "out$i"; exit 1; }; done
cat out? >>"$all"
ran 1

# Which may run.
cold
expect 2 lotse list --exec-plugin-policy=deny; keep
says err "is not allowed to run"
LOTSE_EXEC_PLUGIN_POLICY=aws,gcloud expect 2 lotse list; keep
expect 2 lotse list --exec-plugin-policy=./plugin
says err "names no program"
ran ""
LOTSE_EXEC_PLUGIN_POLICY=deny expect 0 lotse list --exec-plugin-policy="$PWD/plugin"; keep
ran 1

# How it fails.
cold
PLUGIN_CODE=7 expect 3 lotse list; keep
says err "plug-in speaking"
says err "failed with exit code 7"
PLUGIN_SLEEP=1000 expect 5 lotse list --request-timeout 1s; keep
says err "did not end within 1 s"
PLUGIN_SLEEP=1000 lotse list >out 2>err & pid=$!
for _ in $(seq 300); do [ "$(runs)" = 3 ] && break; sleep 0.1; done
kill -INT $pid
code=0; wait $pid || code=$?
[ $code = 130 ] || { echo "FAILED: interrupted: $code"; cat out err; exit 1; }
keep
sed -i 's#command: ./plugin#command: ./gone, installHint: "get it there"#' config
expect 2 lotse list; keep
says err "was not found"
says err "get it there"

# A certificate from a plug-in instead of a token.
cat >gone <<'END'
#!/usr/bin/env python3
import json
print(json.dumps({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {
    "clientCertificateData": open("server.pem").read(), "clientKeyData": open("server.key").read()}}))
END
chmod +x gone
expect 0 lotse list --verbose --verbose --verbose; keep
grep -q " 200 server" requests || { echo "FAILED: no client certificate came"; tail -3 requests; exit 1; }

# Secrets of the kubeconfig itself, also where it is wrong.
for user in 'token: canary-static' 'username: me, password: canary-static' 'token: canary-static, username: canary-static' \
  'token: [canary-static]' 'client-key-data: "canary-static!"' 'token: "canary\nstatic"'; do
  sed "s#^users:.*#users: [{name: u, user: {$user}}]#" config >wrong
  lotse list --kubeconfig wrong --verbose --verbose --verbose >out 2>err || true
  keep
  lotse context show --kubeconfig wrong -o json >out 2>err || true
  keep
done
expect 0 lotse context show --raw -o json
says out "./gone"
if grep -n "canary\|PRIVATE KEY\|BEGIN CERT\|$(sed -n 2p server.key)" "$all"; then echo "FAILED: a secret was shown"; exit 1; fi
