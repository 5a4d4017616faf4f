#!/usr/bin/env bash
# timeout: 300
# What pods may ask for, as the real server and Pod Security see it: every template with a spread of flags passes the
# server's dry run, and its pods pass restricted v1.37; a claim on devices (DRA) is allocated by the scheduler, to the
# second class of its list, since the first has none, and to none where a class is missing; a gang is a PodGroup that the
# scheduler sees.
. "$(dirname "$0")/../expect.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD LOTSE_IMAGE=$LOTSE_TEST_IMAGE
ns=$LOTSE_TEST_NAMESPACE
clean_up() { # of the whole cluster
  KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl delete deviceclass/none.$ns deviceclass/some.$ns resourceslice/$ns priorityclass/$ns --ignore-not-found --wait=false >/dev/null
}
trap clean_up EXIT
kubectl label namespace "$ns" pod-security.kubernetes.io/enforce=restricted \
  pod-security.kubernetes.io/enforce-version=v1.37 >/dev/null
kubectl apply -f - >/dev/null <<END
{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}
---
{apiVersion: v1, kind: Secret, metadata: {name: token}, stringData: {key: value}}
---
{apiVersion: v1, kind: Secret, metadata: {name: registry}, type: kubernetes.io/dockerconfigjson,
 stringData: {.dockerconfigjson: '{"auths": {}}'}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: $ns}, value: 10}
---
{apiVersion: resource.k8s.io/v1, kind: DeviceClass, metadata: {name: none.$ns},
 spec: {selectors: [{cel: {expression: "device.driver == 'none.example.com'"}}]}}
---
{apiVersion: resource.k8s.io/v1, kind: DeviceClass, metadata: {name: some.$ns},
 spec: {selectors: [{cel: {expression: "device.driver == 'some.example.com'"}}]}}
---
{apiVersion: resource.k8s.io/v1, kind: ResourceSlice, metadata: {name: $ns},
 spec: {driver: some.example.com, nodeName: lotse, pool: {name: $ns, generation: 1, resourceSliceCount: 1},
        devices: [{name: gpu-0}, {name: gpu-1}]}}
END
for claim in data models pictures; do echo '{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: '$claim'},
 spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Mi}}}}
---'; done | kubectl apply -f - >/dev/null
cat >affinity.yaml <<END
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
  - weight: 1
    podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: noisy}}}
END

spread=(--cpu 100m --cpu-limit 200m --memory 64Mi --memory-limit 1Gi --shm 32Mi --priority "$ns" --affinity affinity.yaml
  --spread kubernetes.io/hostname --toleration nvidia.com/gpu:NoSchedule --node-selector kubernetes.io/os=linux --env A=b --env-secret token
  --env-secret B=token/key --mount claim:data:/data:ro --mount emptyDir:s:/scratch --mount config:c:/etc/c
  --mount secret:token:/etc/token --mount "image:$LOTSE_TEST_IMAGE:/image" --label team=vision
  --annotation example.com/owner=me --service-account robot --pull-secret registry)
gpus=(--gpus 1 --gpu-type NVIDIA-H200 --gpu-resource nvidia.com/mig-1g.10gb)
claim=(--gpu-claim "none.$ns,some.$ns")
try() { # WHAT ARGUMENTS...: the server takes the objects, and their pods under Pod Security
  exits 0 "$LOTSE" "${@:2}" --name "$1" --dry-run=server -o json
  python3 -c 'import json
for each in json.load(open("out")):
    spec = each.get("spec", {})
    pod = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    if pod:
        pod["metadata"]["name"] = each["metadata"]["name"]
        if pod["spec"].get("serviceAccountName", "").endswith("-schedule"):  # it is made along with them
            pod["spec"]["serviceAccountName"] = "robot"
        print(json.dumps({"apiVersion": "v1", "kind": "Pod", **pod}))' >pod.json
  [ -s pod.json ] || { echo "$1: no pod" >&2; exit 1; }
  kubectl create --dry-run=server -f pod.json >/dev/null || { cat pod.json >&2; exit 1; }
}
model=volume:models/m.safetensors
for flags in spread gpus claim; do
  declare -n given=$flags
  try train-$flags train --data volume:data/data.yaml --workers 2 "${given[@]}"
  try val-$flags val $model --data volume:data/data.yaml "${given[@]}"
  try export-$flags export $model "${given[@]}"
  try infer-$flags infer $model volume:pictures/ "${given[@]}"
  try infer-workers-$flags infer $model volume:pictures/ --workers 4 "${given[@]}"
  try serve-$flags serve $model --replicas 2 "${given[@]}"
  try job-$flags run job --image "$LOTSE_TEST_IMAGE" --workers 2 "${given[@]}"
  try service-$flags run service --image "$LOTSE_TEST_IMAGE" --replicas 2 "${given[@]}"
done
rush=(--schedule 'weekdays 07:00-09:30 = 20; weekends 22:00-02:00 = 5; else 3' --time-zone Europe/Berlin)
try serve-rush serve $model "${rush[@]}" "${spread[@]}"
try serve-rush-max serve $model "${rush[@]}" --max 30 "${gpus[@]}"
try service-rush run service --image "$LOTSE_TEST_IMAGE" --schedule-image "$LOTSE_TEST_IMAGE" "${rush[@]}" --metrics-path /metrics
try service-zero run service --image "$LOTSE_TEST_IMAGE" --min 0 --max 3 --target external:waiting=1
# Beyond restricted, and said so.
exits 2 "$LOTSE" plan run job --image "$LOTSE_TEST_IMAGE" --mount host:/srv:/srv
grep -q -- "--mount: host:... needs --allow-host-path" err || { cat err >&2; exit 1; }
exits 10 "$LOTSE" plan run job --image "$LOTSE_TEST_IMAGE" --mount host:/srv:/srv --allow-host-path
says "hostPath must not be used under Pod Security restricted; the namespace must allow it"

# What is named and not there, as plan says it.
exits 10 "$LOTSE" plan run job --image "$LOTSE_TEST_IMAGE" --priority "missing.$ns" --env-secret A=token/missing --gpu-claim "missing.$ns"
for each in "PriorityClassMissing: priorityclass/missing.$ns, " "SecretMissing: secret/token, " ", has no key missing" \
  "DeviceClassMissing: deviceclass/missing.$ns, "; do says "$each"; done
grep Missing out

small=(--image "$LOTSE_TEST_IMAGE" --cpu 10m --memory 32Mi --grace 1 --detach)
exits 0 "$LOTSE" run job "${small[@]}" --name claims "${claim[@]}" --gpus 2 -- print hello
allocated() { kubectl get resourceclaims -o 'jsonpath={range .items[*].status.allocation.devices.results[*]}{.request} {.device}{"\n"}{end}' | sort; }
for _ in $(seq 100); do [ -z "$(allocated)" ] || break; sleep 0.2; done
same "$(allocated)" "gpu/choice-1 gpu-0
gpu/choice-1 gpu-1" "what the scheduler allocated"
exits 0 "$LOTSE" delete claims
exits 0 "$LOTSE" run job "${small[@]}" --name claims --gpu-claim "missing.$ns,some.$ns" -- print hello
first_is claims DeviceClassMissing "device class missing.$ns does not exist" # the scheduler passes over none that is not there
exits 0 "$LOTSE" delete claims

# A gang with room for half of it runs not at all; one that fits runs. With the rights of role.yaml.
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG
exits 0 "$LOTSE" run job "${small[@]}" --name fits --workers 2 --gang --command /probe -- print here
exits 0 "$LOTSE" wait fits --timeout 60s
cores=$(KUBECONFIG=$LOTSE_TEST_KUBECONFIG kubectl get node lotse -o 'jsonpath={.status.allocatable.cpu}')
exits 0 "$LOTSE" run job "${small[@]}" --name half --workers $((cores + 1)) --gang --cpu 700m -- print here
for _ in $(seq 100); do
  "$LOTSE" why half >out
  ! grep -q "podgroup/" out || break
  sleep 0.2
done
says "podgroup/half"
same "$(kubectl get pods -l lotse.dev/workload=half -o 'jsonpath={.items[*].spec.nodeName}')" "" "nodes of half a gang"
exits 0 "$LOTSE" delete fits half
