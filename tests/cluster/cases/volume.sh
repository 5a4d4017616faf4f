#!/usr/bin/env bash
# A claim binds at once, one pod writes to it, another reads that and its log shows it; with the claim the volume goes.
. "$(dirname "$0")/../expect.sh"

pod() { # NAME ARGUMENTS
  kubectl apply -f - <<END
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  restartPolicy: Never
  containers:
    - {name: main, image: '$LOTSE_TEST_IMAGE', args: [$2], volumeMounts: [{name: data, mountPath: /data}]}
  volumes:
    - {name: data, persistentVolumeClaim: {claimName: data}}
END
  kubectl wait "pod/$1" --for=jsonpath='{.status.phase}'=Succeeded --timeout=60s
}

kubectl apply -f - <<END
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteMany]
  resources: {requests: {storage: 1Gi}}
END
kubectl wait pvc/data --for=jsonpath='{.status.phase}'=Bound --timeout=20s
pod writer "write, /data/file, hello"
pod reader "read, /data/file"
same "$(kubectl logs reader)" hello "what the second pod read"

volume=$(kubectl get pvc data -o 'jsonpath={.spec.volumeName}')
kubectl delete pod --all
kubectl delete pvc data
kubectl wait "pv/$volume" --for=delete --timeout=30s
