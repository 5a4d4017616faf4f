#!/usr/bin/env bash
# timeout: 180
# The built-in templates for any container, `lotse run job` and `lotse run service`: planned, applied, read, changed,
# compared, rolled back and deleted; then the namespace is as it was, object for object, the claim aside.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
small=(--image "$LOTSE_TEST_IMAGE" --cpu 200m --memory 32Mi --grace 1)
kinds=$(kubectl api-resources --namespaced --verbs=list -o name | grep -v '^events\|^pods.metrics' | paste -sd,)
objects() { kubectl get "$kinds" 2>/dev/null -o 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid}{"\n"}{end}' | sort; }
stays_as() { # OBJECTS
  for _ in $(seq 100); do [ "$(objects)" = "$1" ] && return; sleep 0.2; done
  same "$(objects)" "$1" "the objects of the namespace"
}

kubectl apply -f - >/dev/null <<'END'
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: results}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
END
before=$(objects)

# A run: every change is another Job, and going back is a run again.
job() { "$LOTSE" run job "${small[@]}" --name hello --output volume:results --env WHO=me "$@"; }
exits 10 "$LOTSE" plan run job "${small[@]}" --name hello --output volume:results --env WHO=me -- print one
says "hello would become revision 1"
stays_as "$before"
exits 0 job -- print one uno
says uno
exits 0 "$LOTSE" logs hello
same "$(cat out)" "[0] one
[0] uno" "the log"
first=$(kubectl get job -l lotse.dev/workload=hello -o 'jsonpath={.items[*].metadata.name}')
exits 0 job -- print two
says two
exits 10 "$LOTSE" diff hello --from 1
says 'spec.template.spec.containers[main].args'
exits 0 "$LOTSE" rollback hello
says "rollback to 1, revision 3"
exits 0 "$LOTSE" wait hello --timeout 60s
exits 0 "$LOTSE" logs hello
same "$(cat out)" "[0] one
[0] uno" "the log after the rollback"
kubectl get job "$first" >/dev/null
exits 0 "$LOTSE" history hello -o json
same "$(python3 -c 'import json; print([each["number"] for each in json.load(open("out"))["revisions"]])')" "[1, 2, 3]" history
exits 0 "$LOTSE" delete hello
stays_as "$before"

# Several pods know each other; a code that no retry cures ends the run at once, and is told.
exits 0 "$LOTSE" run job "${small[@]}" --name pair --workers 2 --command /probe --isolate -- print here
same "$(grep -c here out)" 2 "the lines of two pods"
exits 1 "$LOTSE" run job "${small[@]}" --name bad --fatal-codes 7 -- exit 7
exits 0 "$LOTSE" why bad
says "exit 7"
exits 0 "$LOTSE" delete pair bad
stays_as "$before"

# A service: the same again is nothing, a change rolls out, the way back too.
service() { "$LOTSE" run service "${small[@]}" --name web --drain-seconds 0 --output volume:results --port 8080 "$@" -- serve 8080; }
exits 0 service
exits 0 "$LOTSE" wait web --for ready --timeout 60s
spec=$(kubectl get deployment web -o 'jsonpath={.spec}')
known=$(kubectl get configmaps,secrets,services,pdb -l lotse.dev/workload=web -o 'jsonpath={.items[*].metadata.resourceVersion}')
exits 0 service
says "revision 1, unchanged"
same "$(kubectl get configmaps,secrets,services,pdb -l lotse.dev/workload=web -o 'jsonpath={.items[*].metadata.resourceVersion}')" "$known" "versions after the same again"
exits 0 service --replicas 2 --env LEVEL=debug
exits 0 "$LOTSE" wait web --for ready --timeout 60s
same "$(kubectl get deployment web -o 'jsonpath={.status.readyReplicas}')" 2 replicas
exits 10 "$LOTSE" diff web --from 1
says "spec.replicas: 1 -> 2"
exits 0 "$LOTSE" diff web
exits 0 "$LOTSE" logs web
exits 0 "$LOTSE" rollback web
says "rollback to 1, revision 3"
same "$(kubectl get deployment web -o 'jsonpath={.spec}')" "$spec" "the spec after the rollback"
exits 0 "$LOTSE" wait web --for ready --timeout 60s
exits 0 "$LOTSE" delete web
stays_as "$before"
