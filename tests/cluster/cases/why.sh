#!/usr/bin/env bash
# What `lotse why` says of workloads that the real server, scheduler, kubelet and registry keep from running, each beside a
# healthy one and one that is complete; the cause comes first, with its code; `wait` returns on each. All of them at once.
# timeout: 180
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../followers.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD

# A registry on the node that lets nobody in.
cat >registry.py <<'END'
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    default_request_version = "HTTP/1.1"  # what speaks TLS is told so, and comes again without

    def answer(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="closed"')
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_GET = do_HEAD = answer

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
open("port", "w").write(str(server.server_port))
server.serve_forever()
END
nsenter --net="/proc/$(daemons kubelet | head -1)/ns/net" python3 registry.py 2>/dev/null &
closed=$!
policies=validatingadmissionpolicies,validatingadmissionpolicybindings
trap 'kill $closed; kubectl delete $policies "$LOTSE_TEST_NAMESPACE" --ignore-not-found >/dev/null' EXIT
until [ -s port ]; do sleep 0.05; done

# A rule of whoever runs the cluster.
kubectl apply -f - >/dev/null <<END
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: $LOTSE_TEST_NAMESPACE}
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $LOTSE_TEST_NAMESPACE}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
    - expression: "!has(object.metadata.labels) || !('lotse.dev/workload' in object.metadata.labels) || object.metadata.labels['lotse.dev/workload'] != 'unwanted'"
      message: not in this house
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: $LOTSE_TEST_NAMESPACE}
spec: {policyName: $LOTSE_TEST_NAMESPACE, validationActions: [Deny]}
END

# job NAME CONTAINER [POD] [JOB]: a workload of one Job; the arguments are members of JSON objects.
job() {
  local container='"name":"runner","image":"'$LOTSE_TEST_IMAGE'","terminationMessagePolicy":"FallbackToLogsOnError"'
  local labels='"lotse.dev/workload":"'$1'","app.kubernetes.io/managed-by":"lotse","lotse.dev/template":"train"'
  kubectl apply -f - >/dev/null <<END
{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"$1","labels":{$labels},"annotations":{"lotse.dev/kind":"train"}}}
---
{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"$1","labels":{$labels}},
 "spec":{"backoffLimit":0${4:+,$4},"template":{"metadata":{"labels":{$labels}},
  "spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1${3:+,$3},"containers":[{$container,$2}]}}}}
END
}
pause='"args":["pause"]'

job healthy "$pause"
job complete '"args":["print","done"]'
job hungry "$pause,"'"resources":{"requests":{"cpu":"1000"}}'
job selective "$pause" '"nodeSelector":{"not":"there"}'
job imageless '"args":["pause"],"image":"'"${LOTSE_TEST_IMAGE%:*}"':no-such-tag"'
job misnamed '"args":["pause"],"image":"Not//A:Name"'
job secretless "$pause,"'"env":[{"name":"TOKEN","valueFrom":{"secretKeyRef":{"name":"nope","key":"token"}}}]'
job keyless "$pause,"'"env":[{"name":"TOKEN","valueFrom":{"configMapKeyRef":{"name":"kube-root-ca.crt","key":"no"}}}]'
job configless '"args":["pause"],"volumeMounts":[{"name":"c","mountPath":"/c"}]' '"volumes":[{"name":"c","configMap":{"name":"nope"}}]'
job claimless "$pause" '"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"nope"}}]'
job unbound "$pause" '"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"slow"}}]'
job gated "$pause" '"schedulingGates":[{"name":"lotse.dev/test"}]'
job anonymous "$pause" '"serviceAccountName":"nope"'
job unclassed "$pause" '"priorityClassName":"nope"'
job wrong '"args":["nonsense"]'
job greedy '"args":["read","/dev/zero"],"resources":{"limits":{"memory":"32Mi"}}'
job failing '"args":["exit","3"]'
job looping '"args":["read","/not/there"]' '"restartPolicy":"OnFailure"' '"backoffLimit":6'
job closed '"args":["pause"],"image":"localhost:'"$(cat port)"'/private/app:1"'
job volumeless '"args":["pause"],"volumeMounts":[{"name":"m","mountPath":"/m"}]' \
  '"volumes":[{"name":"m","image":{"reference":"'"${LOTSE_TEST_IMAGE%:*}"':no-such-model"}}]'
job filling '"args":["count","100000","20"],"resources":{"limits":{"ephemeral-storage":"20Ki"}}'
job pair "$pause" '"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
  {"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"lotse.dev/workload":"pair"}}}]}}' \
  '"completionMode":"Indexed","completions":2,"parallelism":2'
job programless "$pause,"'"command":["/not/there"]'
job unready "$pause,"'"readinessProbe":{"exec":{"command":["/not/there"]},"periodSeconds":1}'
job late "$pause" '' '"activeDeadlineSeconds":2'
job suspended "$pause" '' '"suspend":true'
kubectl apply -f - >/dev/null <<END
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: slow}
spec: {accessModes: [ReadWriteOnce], storageClassName: not-there, resources: {requests: {storage: 1Gi}}}
END

kubectl apply -f - >/dev/null <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: stuck, labels: $(labels stuck serve)}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: stuck, labels: $(labels stuck serve)}
spec:
  progressDeadlineSeconds: 2
  selector: {matchLabels: {lotse.dev/workload: stuck}}
  template:
    metadata: {labels: $(labels stuck serve)}
    spec:
      terminationGracePeriodSeconds: 1
      readinessGates: [{conditionType: example.com/never}]
      containers: [{name: main, image: '$LOTSE_TEST_IMAGE', args: [pause]}]
END
# A new policy counts after a moment.
until ! kubectl run unwanted --image=x --labels=lotse.dev/workload=unwanted --dry-run=server >/dev/null 2>&1; do sleep 0.2; done
job unwanted "$pause"

first_is hungry NoNodeFits "Insufficient cpu; nearest node: "
grep -qE "lacks [0-9]+m? of 1000 cpu" <("$LOTSE" why hungry) || { "$LOTSE" why hungry >&2; exit 1; }
first_is selective NoNodeFits "has not the labels that are asked for: not=there"
first_is unclassed PriorityClassMissing "no PriorityClass with name nope was found"
first_is imageless ImageMissing "no-such-tag"
first_is misnamed ImageNameInvalid "Not//A:Name"
first_is secretless SecretMissing "secret/nope"
first_is keyless ConfigMissing "configmap/kube-root-ca.crt"
first_is configless ConfigMissing "configmap/nope"
first_is claimless ClaimMissing "claim/nope"
first_is unbound ClaimUnbound 'storageclass.storage.k8s.io "not-there" not found'
first_is gated SchedulingGated "Scheduling is blocked"
first_is anonymous ServiceAccountMissing 'serviceaccount "nope" not found'
first_is wrong WrongConfiguration "probe pause"
first_is greedy OutOfMemory "memory limit of 32Mi"
first_is failing ContainerFailed "exit 3"
first_is looping CrashLoop "open /not/there: no such file"
first_is closed ImageUnauthorized "/private/app:1"
first_is volumeless ImageMissing "volume m: "
first_is unwanted AdmissionRefused "not in this house"
first_is stuck RolloutStuck "has timed out progressing"
first_is pair NoNodeFits "anti-affinity"
grep -q "^2\. WaitingForPeers  " out || { cat out >&2; exit 1; }
first_is filling Evicted "ephemeral local storage"
first_is programless StartFailed "/not/there"
first_is unready ProbeFailing "Readiness probe errored"
first_is late DeadlineExceeded "longer than specified deadline"
first_is suspended Suspended "Job suspended"

# `wait` returns on each, and says why: with what it ended with, 1 if it was given up or stopped, 11 where no waiting helps,
# else 124 once it was blocked for long enough.
waits() { # NAME CODE CAUSE [FLAGS...]
  local code=0
  "$LOTSE" wait "$1" --give-up-after 1s --timeout 4s "${@:4}" >"waited.$1" 2>&1 || code=$?
  { [ $code = "$2" ] && grep -qF -- "$3" "waited.$1"; } || { echo "wait $1: $code, not $2 with $3:"; cat "waited.$1"; } >"wrong.$1"
}
for each in "hungry 124 NoNodeFits" "selective 124 NoNodeFits" "imageless 124 ImageMissing" "misnamed 11 InvalidImageName" \
  "secretless 124 SecretMissing" "keyless 124 ConfigMissing" "configless 124 ConfigMissing" "claimless 124 ClaimMissing" \
  "unbound 124 ClaimUnbound" "gated 124 SchedulingGated" "anonymous 124 ServiceAccountMissing" "wrong 2 probe" \
  "greedy 1 OOMKilled" "failing 1 exit" "looping 124 CrashLoop" "programless 1 /not/there" "unready 124 ProbeFailing" \
  "late 11 deadline" "suspended 1 Suspended" "closed 124 ImageUnauthorized" "volumeless 124 ImageMissing" \
  "unwanted 124 AdmissionRefused" "unclassed 124 PriorityClassMissing" "stuck 1 timed --for ready" "pair 124 NoNodeFits" "filling 1 Evicted"; do
  waits $each &
  [ "$(jobs -rp | wc -l)" -lt 6 ] || wait -n
done
for each in $(jobs -rp); do [ "$each" = $closed ] || wait "$each"; done
! compgen -G "wrong.*" >/dev/null || { cat wrong.* >&2; exit 1; }

# And within a second of the end; a Job's times are whole seconds.
ends_soon() { # NAME CODE CONDITION
  local now at
  exits "$2" "$LOTSE" wait "$1" --timeout 60s
  now=$(date +%s%3N)
  at=$(kubectl get job "$1" -o "jsonpath={.status.conditions[?(@.type==\"$3\")].lastTransitionTime}")
  [ $((now - $(date -d "$at" +%s) * 1000)) -lt 2000 ] || { echo "wait $1 returned at $now, it ended at $at" >&2; exit 1; }
}
job brief '"args":["sleep","2"]'
ends_soon brief 0 Complete
job broken '"args":["exit","3"]'
ends_soon broken 1 Failed
job overdue "$pause" '' '"activeDeadlineSeconds":1'
ends_soon overdue 11 Failed

for name in healthy complete; do
  "$LOTSE" why $name | grep -qF "nothing is wrong with it"
  "$LOTSE" why $name -o json >out
  fits out why
  grep -qF '"causes": []' out
done
"$LOTSE" why wrong -o json >out
fits out why
grep -qF '"code": "WrongConfiguration"' out
"$LOTSE" list -o json >out
fits out list
"$LOTSE" gpus -o json >out
fits out gpus
# Impossible things end a wait, with what to do.
code=0; "$LOTSE" wait misnamed --timeout 10s 2>err || code=$?
same $code 11 "wait for an image name that is none"
code=0; "$LOTSE" why nobody 2>err || code=$?
same $code 3 "why of a workload that is not there"

# A workload that has lost its ConfigMap is told as such, and can be deleted.
kubectl delete configmap failing >/dev/null
code=0; "$LOTSE" why failing 2>err || code=$?
same $code 3 "why of a workload without its ConfigMap"
grep -qF "\`lotse delete failing\` removes the rest" err || { cat err >&2; exit 1; }
"$LOTSE" delete failing >out
same "$(kubectl get job failing -o name --ignore-not-found)" "" "the Job after delete ($(cat out))"

# Quotas and Pod Security refuse the pods that come after them.
kubectl create quota full --hard=pods=1 >/dev/null
job squeezed "$pause"
first_is squeezed QuotaUsedUp "exceeded quota: full"
kubectl delete quota full >/dev/null
kubectl create quota none --hard=pods=0 >/dev/null
job barred "$pause"
first_is barred QuotaTooSmall "exceeded quota: none"
kubectl delete quota none >/dev/null
kubectl label namespace "$LOTSE_TEST_NAMESPACE" pod-security.kubernetes.io/enforce=restricted >/dev/null
job insecure "$pause"
first_is insecure PodSecurityRefused "violates PodSecurity"

# Without the right to read nodes it says so, and the rest.
"$LOTSE" why hungry --kubeconfig "$LOTSE_TEST_TOKEN_KUBECONFIG" >out
grep -q "^1\. NoNodeFits  " out && grep -qF "nodes were not compared: " out || { cat out >&2; exit 1; }
