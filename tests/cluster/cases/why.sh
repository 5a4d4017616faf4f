#!/usr/bin/env bash
# What `lotse why` says of workloads that the real server, scheduler, kubelet and registry keep from running, each beside a
# healthy one and one that is complete; the cause comes first, with its code. All of them at once.
# timeout: 180
. "$(dirname "$0")/../expect.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD

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
job wrong '"args":["nonsense"]'
job greedy '"args":["read","/dev/zero"],"resources":{"limits":{"memory":"32Mi"}}'
job failing '"args":["exit","3"]'
job looping '"args":["exit","3"]' '"restartPolicy":"OnFailure"' '"backoffLimit":6'
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

# first_is NAME CODE TEXT: in the end this is the first cause, and its text is among what people read.
first_is() {
  for _ in $(seq 150); do
    "$LOTSE" why "$1" >out
    ! grep -qE "^1\. $2  " out || ! grep -qF -- "$3" out || return 0
    sleep 0.2
  done
  echo "why $1 does not say $2 first, and '$3':" >&2
  cat out >&2
  exit 1
}

first_is hungry NoNodeFits "Insufficient cpu; nearest node: "
grep -qE "lacks [0-9]+m? of 1000 cpu" <("$LOTSE" why hungry) || { "$LOTSE" why hungry >&2; exit 1; }
first_is selective NoNodeFits "has not the labels that are asked for"
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
first_is looping CrashLoop "exit 3"
first_is programless StartFailed "/not/there"
first_is unready ProbeFailing "Readiness probe errored"
first_is late DeadlineExceeded "longer than specified deadline"
first_is suspended Suspended "Job suspended"

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
