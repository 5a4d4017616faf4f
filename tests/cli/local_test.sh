# Questions about workloads that are not there, and where commands run.
expect 3 lotse status nothing --on local
says err "there is no workload 'nothing' (local)"
expect 3 lotse wait nothing --on local
expect 3 lotse logs nothing --on local
expect 3 lotse delete nothing --on local
expect 0 lotse list --on local
says out "on local"
expect 0 lotse list --on local -o json
fits out list
says out '"workloads": []'
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
expect 0 lotse context list -o json
fits out context-list
expect 0 lotse context show -o json
fits out context-show
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

# A context that is called as this machine is: neither is taken for the other.
cat >namesake <<'Y'
current-context: local
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: local, context: {cluster: c, namespace: team}}]
Y
export KUBECONFIG=$PWD/namesake
expect 0 lotse context list
[ "$(grep -c '^\*' out)" = 1 ]
grep -q '^\*  context:local' out
expect 5 lotse list
says out "on context local, namespace team"
expect 2 lotse list --on local
says err "context:local is that context, machine:local this machine"
expect 5 lotse list --on context:local
expect 0 lotse list --on machine:local
expect 2 lotse context use local
expect 0 lotse context use machine:local
expect 0 lotse list
says out "on local"
expect 0 lotse context use context:local
expect 5 lotse list
expect 0 lotse context use ''

# Who asked for a cluster does not get this machine.
printf '' >empty
sed 's/current-context: local/current-context: gone/' namesake >gone
expect 2 lotse list --kubeconfig empty
says err "empty: sets no current-context"
expect 2 lotse list --kubeconfig gone
says err "gone: there is no context 'gone', which is its current-context"
expect 0 lotse context list --kubeconfig gone
says err "there is no context 'gone'"
expect 2 env KUBECONFIG="$PWD/missing" lotse list
says err "KUBECONFIG: none of its files is there"
expect 0 env KUBECONFIG="$PWD/missing" lotse list --on local
unset KUBECONFIG

# A damaged choice is named and can be made anew; a damaged workload is named, hides no other, and can be deleted.
echo '{"context":' >"$HOME/.config/lotse/context.json"
expect 2 lotse list
says err "context.json"
says err "lotse context use NAME"
expect 0 lotse context use local
expect 0 lotse list
state=$HOME/.local/state/lotse/local/workloads
mkdir -p "$state/cut"
echo '{"manifests": [' >"$state/cut/wanted.json"
expect 0 lotse list
says err "'cut' is left out: $state/cut/wanted.json is damaged"
expect 0 lotse delete cut -o json
fits out delete
[ ! -e "$state/cut" ]
expect 2 lotse delete ../workloads/x
says err "'../workloads/x' is not a name"

# A claim that a workload left behind is listed, with what deletes it.
mkdir -p "$state/../claims/left" "$state/../claim-owners"
printf gone >"$state/../claim-owners/left"
expect 0 lotse list --orphans
says out "lotse delete gone --purge-data"
expect 0 lotse list --orphans -o json
fits out orphans
expect 0 lotse list --orphans -o name
[ "$(tail -1 out)" = left ]
expect 0 lotse delete gone --purge-data
[ ! -e "$state/../claims/left" ]
expect 0 lotse list --orphans
says out "no claims are left behind"
