#!/usr/bin/env bash
# timeout: 240
# A service is planned, applied, changed, compared, rolled back, scaled, stopped, started and deleted, with a template of
# the user's: every step says what it does and does no more, and nothing is left.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD LOTSE_IMAGE=$LOTSE_TEST_IMAGE

mkdir -p app/manifests
cat >app/template.yaml <<'END'
name: app
kind: service
version: 1.0.0
help: The probe, which answers with its name.
schema:
  type: object
  additionalProperties: false
  properties:
    replicas: {type: integer, default: 1, minimum: 0}
    text: {type: string, default: one}
    budget: {type: boolean, default: false}
    cpu: {type: string, default: 10m}
    secret: {type: string, default: ""}
    password: {type: string, default: "", x-lotse: {secret: true}}
    leak: {type: boolean, default: false}
END
cat >app/manifests/10-budget.yaml <<'END'
$if: values.budget
then:
  apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata: {name: "${workload.name}", labels: {$eval: workload.labels}}
  spec: {minAvailable: 1, selector: {matchLabels: {lotse.dev/workload: "${workload.name}"}}}
END
cat >app/manifests/15-secret.yaml <<'END'
$if: values.password != ""
then:
  apiVersion: v1
  kind: Secret
  metadata: {name: "${workload.name}-password", labels: {$eval: workload.labels}}
  stringData: {password: "${values.password}"}
END
cat >app/manifests/16-leak.yaml <<'END'
$if: values.leak
then:
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: "${workload.name}-leak", labels: {$eval: workload.labels}}
  data: {url: "https://me:${values.password}@host"}
END
cat >app/manifests/20-deployment.yaml <<'END'
apiVersion: apps/v1
kind: Deployment
metadata: {name: "${workload.name}", labels: {$eval: workload.labels}}
spec:
  replicas: {$eval: values.replicas}
  selector: {matchLabels: {lotse.dev/workload: "${workload.name}"}}
  template:
    metadata:
      labels: {$eval: workload.labels}
      annotations: {lotse.dev/revision: "${workload.revision}"}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: ${workload.image}
        args: [serve, '8080']
        env:
          $flatten:
          - - {name: TEXT, value: "${values.text}"}
          - $if: 'values.secret != ""'
            then:
            - name: KEY
              valueFrom: {secretKeyRef: {name: "${values.secret}", key: key}}
            else: []
        resources: {requests: {cpu: "${values.cpu}"}}
        readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}
END

app() { "$LOTSE" serve --template ./app --name app "$@"; }
plan() { "$LOTSE" plan serve --template ./app --name app "$@"; }
spec() { kubectl get deployment app -o 'jsonpath={.spec}'; }
objects() { kubectl get configmaps,secrets,services,deployments,jobs,pdb,pvc,replicasets,pods -o name | sort; }
versions() { kubectl get configmaps,secrets,deployments -o 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\n"}{end}' | grep app; }
pods() { kubectl get deployment app -o 'jsonpath={.status.readyReplicas}'; }
no_pods() { for _ in $(seq 300); do [ -n "$(kubectl get pods -o name)" ] || return 0; sleep 0.2; done; echo "pods are left" >&2; return 1; }

before=$(objects)
exits 10 plan
says "app would become revision 1"
says "+ deployment/app"
same "$(objects)" "$before" "objects after a plan"

exits 0 app
says "app, revision 1"
known=$(versions) first=$(spec)
exits 0 app
says "revision 1, unchanged"
same "$(versions)" "$known" "resource versions after the same again"
exits 0 plan
says "nothing would change"

exits 10 plan --text two
says 'spec.template.spec.containers[main].env[TEXT].value: "one" -> "two"'
exits 0 app --text two
says "app, revision 2"
exits 0 "$LOTSE" history app
says "2*"
exits 0 "$LOTSE" history app -o json
fits out history
exits 10 "$LOTSE" diff app --from 1
says 'env[TEXT].value: "one" -> "two"'
exits 0 "$LOTSE" diff app --from 1 --to 1
echo 'text: two' >values.yaml
exits 0 "$LOTSE" diff app -f values.yaml --template ./app
exits 10 "$LOTSE" diff app --from 1 -f values.yaml --template ./app -o json
fits out diff
says '"after": "two"'
exits 2 "$LOTSE" diff app -f values.yaml
exits 0 "$LOTSE" diff app
kubectl set env deployment/app TEXT=drifted >/dev/null
exits 10 "$LOTSE" diff app
says '"drifted" -> "two"'
exits 4 app --text three
exits 0 app --text three --force-conflicts

exits 10 plan --text three --budget
exits 0 app --text three --budget
kubectl get pdb app >/dev/null
exits 10 plan --text three
says "- poddisruptionbudget/app"
exits 0 app --text three
! kubectl get pdb app 2>/dev/null || { echo "the budget is still there" >&2; exit 1; }

exits 2 "$LOTSE" rollback app --to 99
exits 0 "$LOTSE" rollback app --to 1 --dry-run -o json
fits out diff
exits 0 "$LOTSE" rollback app --to 1 --dry-run
says '"three" -> "one"'
exits 0 "$LOTSE" rollback app --to 1
says "rollback to 1, revision 6"
same "$(spec)" "$first" "the spec after a rollback"
exits 0 "$LOTSE" wait app --for ready --timeout 60s

# The pod from before the rollback may still be ending: its phase is Running until then.
pod=$(kubectl get pods -o go-template='{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}{{end}}{{end}}')
exits 0 "$LOTSE" scale app --replicas 3 -o json
fits out applied
exits 0 "$LOTSE" wait app --for ready --timeout 60s
same "$(pods)" 3 "pods after scaling"
kubectl get pod "$pod" >/dev/null
exits 2 "$LOTSE" rerun app

exits 0 "$LOTSE" stop app -o json
fits out stop
exits 0 "$LOTSE" stop app
says unchanged
no_pods
exits 0 "$LOTSE" status app
says Stopped
exits 0 "$LOTSE" status app -o json
fits out status
exits 0 "$LOTSE" start app
exits 0 "$LOTSE" wait app --for ready --timeout 60s
same "$(pods)" 3 "pods after a start"

# What stands in the way is said before anything is written.
exits 10 plan --secret no-such
says "warning: SecretMissing: secret/no-such"
exits 10 plan --cpu 4000 -o json
fits out plan
exits 10 plan --cpu 4000
says "warning: NoNodeFits: no node has room for a pod of deployment/app now; nearest: "
kubectl create quota small --hard=requests.cpu=1 >/dev/null
exits 11 plan --cpu 2
says "impossible: QuotaTooSmall: one pod of deployment/app asks for more requests.cpu than the 1 of resourcequota/small"
kubectl delete quota small >/dev/null
exits 10 env KUBECONFIG="$LOTSE_TEST_TOKEN_KUBECONFIG" "$LOTSE" plan serve --template ./app --name app --cpu 20m
says "note: fit not checked"
says "cpu"
kubectl create serviceaccount reader >/dev/null
token=$(kubectl create token reader)
kubectl create role reader --verb=get,list --resource=configmaps,secrets,deployments.apps,jobs.batch,pods,replicasets.apps,services,persistentvolumeclaims,events >/dev/null
kubectl create rolebinding reader --role=reader --serviceaccount="$LOTSE_TEST_NAMESPACE:reader" >/dev/null
sed "s/token: [A-Za-z0-9._-]*/token: $token/" "$LOTSE_TEST_TOKEN_KUBECONFIG" >reader
exits 11 env KUBECONFIG="$PWD/reader" "$LOTSE" plan serve --template ./app --name app --cpu 20m
says "impossible: RightMissing: you may not create"

# What a version without revisions made is revision 1, read out of what is there.
kubectl delete secret -l lotse.dev/workload=app --field-selector type=lotse.dev/revision >/dev/null
kubectl annotate configmap app lotse.dev/number- lotse.dev/cause- >/dev/null
exits 0 "$LOTSE" diff app
exits 0 "$LOTSE" history app
says found
old=$(spec)
exits 0 "$LOTSE" stop app
exits 0 "$LOTSE" start app
same "$(spec)" "$old" "the spec after a stop and a start of what an earlier version made"
exits 0 app --text four --budget --force-conflicts
says "app, revision 2"
exits 0 "$LOTSE" rollback app
says "rollback to 1, revision 3"
same "$(spec)" "$old" "the spec after a rollback to what an earlier version made"
! kubectl get pdb app 2>/dev/null || { echo "the budget of revision 2 is there" >&2; exit 1; }

# A record of a later version is not guessed at.
kubectl apply -f - >/dev/null <<'END'
apiVersion: v1
kind: Secret
type: lotse.dev/revision
metadata: {name: app.r99, labels: {app.kubernetes.io/managed-by: lotse, lotse.dev/workload: app}}
stringData: {revision.json: '{"format": 2, "objects": []}'}
END
for words in "history app" "diff app" "rollback app" "scale app --replicas 2" "stop app"; do
  exits 2 "$LOTSE" $words
  grep -qF "secret/app.r99 has the format 2, and this lotse reads 1 at most" err || { cat out err >&2; exit 1; }
done
kubectl delete secret app.r99 >/dev/null

# A secret value is nowhere but in Secrets, and no verb shows it.
canary=canary-6d1f shown=0
hides() { # FILE...
  for secret in "$canary" "$(printf %s "$canary" | base64)" "$(printf %s "$canary-2" | base64)"; do
    ! grep -qF "$secret" "$@" || { echo "$secret is shown:" >&2; grep -F "$secret" "$@" >&2; exit 1; }
  done
  shown=$((shown + 1))
}
exits 2 app --password "$canary" --leak
hides out err
exits 10 plan --password "$canary" && hides out err
exits 0 app --password "$canary" && hides out err
exits 10 plan --password "$canary-2" && hides out err
says "(changed)"
exits 0 app --password "$canary-2" -o json && hides out err
exits 0 "$LOTSE" history app -o json && hides out err
says '"password": "(secret)"'
current=$(python3 -c 'import json; print(next(each["number"] for each in json.load(open("out"))["revisions"] if each["current"]))')
exits 10 "$LOTSE" diff app --from $((current - 1)) && hides out err
exits 0 "$LOTSE" rollback app --dry-run -o json && hides out err
exits 0 "$LOTSE" rollback app && hides out err
same "$(kubectl get secret app-password -o 'jsonpath={.data.password}' | base64 -d)" "$canary" "the secret after a rollback"
kubectl patch secret app-password --patch '{"stringData":{"password":"other"}}' >/dev/null
exits 10 "$LOTSE" diff app && hides out err
exits 0 "$LOTSE" why app -o json && hides out err
exits 0 "$LOTSE" status app -o json && hides out err
printf 'text: four\npassword: %s-2\n' "$canary" >secret-values.yaml
exits 10 "$LOTSE" diff app -f secret-values.yaml --template ./app && hides out err
says "(changed)"
exits 0 "$LOTSE" wait app --for ready --timeout 60s -o json && hides out err
for words in "list -o json" "events app -o json" "top app -o json" "logs app" "gpus" "scale app --replicas 2 --dry-run -o json" \
  "stop app --dry-run -o json" "start app --dry-run -o json" "restart app --dry-run -o json" "delete app --dry-run -o json"; do
  exits 0 "$LOTSE" $words
  hides out err
done
exits 0 "$LOTSE" debug-bundle app && mkdir bundle && tar -xzf app-debug.tar.gz -C bundle
find bundle -type f -exec cat {} + >whole && hides whole
[ -s bundle/app-debug/objects/deployment-app.yaml ] && [ -s bundle/app-debug/history.json ]
kubectl get configmaps -o yaml >maps && hides maps
[ "$shown" = 26 ] || { echo "looked at $shown outputs" >&2; exit 1; }

exits 0 "$LOTSE" delete app -o json
fits out delete
kubectl delete role,rolebinding,serviceaccount reader >/dev/null
no_pods
for _ in $(seq 50); do [ "$(objects)" = "$before" ] && break; sleep 0.2; done
same "$(objects)" "$before" "objects after all"
