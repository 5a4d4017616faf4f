# Questions about workloads that are not there, and where commands run.
expect 3 lotse status nothing --on local
says err "there is no workload 'nothing' (local)"
expect 3 lotse wait nothing --on local
expect 3 lotse logs nothing --on local
expect 3 lotse delete nothing --on local
expect 0 lotse list --on local
says out "on local"
expect 0 lotse list --on local -o json
[ "$(cat out)" = "[]" ]
says err "on local"
expect 0 lotse context show
says out "local (no context is set)"
expect 3 lotse context use nowhere
expect 0 lotse context use local
says out "commands run on local (\`lotse context use\`)"
[ "$(stat -c %a "$HOME/.config/lotse/context.json")" = 600 ]
expect 0 lotse context use ''
expect 3 lotse list --on nowhere

# A kubeconfig is read, never written; its contexts are listed.
cat >config <<'Y'
apiVersion: v1
kind: Config
current-context: far
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: secret-canary}}]
contexts: [{name: far, context: {cluster: c, user: u, namespace: team}}]
Y
sum=$(sha256sum config)
export KUBECONFIG=$PWD/config
expect 0 lotse context list
says out "far"
says out "team"
expect 0 lotse context show
says out "far (the kubeconfig's current context)"
expect 5 lotse list
says out "on context far, namespace team"
if grep -r secret-canary out err; then exit 1; fi
[ "$sum" = "$(sha256sum config)" ]

# A path of this machine means nothing to a pod; without an image a cluster has nothing to run.
expect 2 lotse train --on far --image r:1 --data ./shapes/data.yaml
says err "which a pod cannot see"
expect 2 lotse train --on far --data volume:shapes/data.yaml
says err "--image"

# LOTSE_IMAGE is where a cluster finds the runner; here it is the program beside lotse.
expect 0 env LOTSE_IMAGE=registry.example/eyes:1 lotse infer yolo26n . --on local --dry-run
says out "image: lotse-runner:"
expect 0 env LOTSE_IMAGE=registry.example/eyes:1 lotse infer yolo26n volume:pictures/ --on far --dry-run
says out "image: registry.example/eyes:1"
