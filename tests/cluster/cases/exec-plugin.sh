#!/usr/bin/env bash
# Credential plug-ins against the real API server: a service account's token, the administrator's certificate, one run
# for several commands, a token that the server refuses.
. "$(dirname "$0")/../expect.sh"
admin=$LOTSE_TEST_KUBECONFIG
export HOME=$PWD XDG_CACHE_HOME=$PWD/cache XDG_CONFIG_HOME=$PWD/config
raw() { "$KUBECTL" --kubeconfig "$1" config view --raw --minify --flatten -o "jsonpath={$2}"; }
raw "$LOTSE_TEST_TOKEN_KUBECONFIG" '.users[0].user.token' >token
raw "$admin" '.users[0].user.client-certificate-data' | base64 -d >cert.pem
raw "$admin" '.users[0].user.client-key-data' | base64 -d >key.pem

cat >plugin <<'END'
#!/usr/bin/env python3
import datetime, json, os, sys
here = os.path.dirname(os.path.abspath(__file__))
read = lambda name: open(os.path.join(here, name)).read().strip()
open(os.path.join(here, "runs"), "a").write("run\n")
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["spec"]["cluster"]["server"].startswith("https://"), info
later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
status = {"token": read("token")} if sys.argv[1] == "token" else {
    "clientCertificateData": read("cert.pem"), "clientKeyData": read("key.pem")}
print(json.dumps({"kind": info["kind"], "apiVersion": info["apiVersion"],
                  "status": {**status, "expirationTimestamp": later.strftime("%Y-%m-%dT%H:%M:%SZ")}}))
END
chmod +x plugin
config() {
  cat <<END
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "$(raw "$admin" '.clusters[0].cluster.server')", certificate-authority-data: $(raw "$admin" '.clusters[0].cluster.certificate-authority-data')}}]
contexts: [{name: c, context: {cluster: c, user: u, namespace: $LOTSE_TEST_NAMESPACE}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/$1, interactiveMode: Never, provideClusterInfo: true, command: ./plugin, args: [$2]}}}]
END
}
ran() { same "$(wc -l <runs)" "$1" "runs of the plug-in"; }

for version in v1 v1beta1; do
  for kind in token certificate; do
    rm -rf cache runs
    config $version $kind >kubeconfig
    for _ in 1 2 3; do KUBECONFIG=kubeconfig "$LOTSE" list -o json >/dev/null; done
    ran 1
    KUBECONFIG=kubeconfig "$KUBECTL" get pods >/dev/null 2>&1 # the same plug-in serves kubectl
    ran 2
  done
done

# A token that the server does not know: one more run, then the server's own word.
rm -rf cache runs
config v1 token >kubeconfig
cp token token.good
echo nonsense >token
code=0
KUBECONFIG=kubeconfig "$LOTSE" list >out 2>&1 || code=$?
same "$code" 3 "exit code"
grep -q Unauthorized out
ran 2
# What is kept is refused; the plug-in has a better one by now.
cp token.good token
KUBECONFIG=kubeconfig "$LOTSE" list >/dev/null
ran 3
