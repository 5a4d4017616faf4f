#!/usr/bin/env bash
# An OCI image is a volume: what lies in it is there to read, and cannot be written.
. "$(dirname "$0")/../expect.sh"

pod() { # NAME ARGUMENTS PHASE: its log, when it has ended so
  kubectl apply -f - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  restartPolicy: Never
  containers:
    - {name: main, image: '$LOTSE_TEST_IMAGE', args: [$2], volumeMounts: [{name: model, mountPath: /model}]}
  volumes:
    - {name: model, image: {reference: '$image'}}
END
  kubectl wait "pod/$1" --for=jsonpath='{.status.phase}'="$3" --timeout=60s >/dev/null
  kubectl logs "$1"
}

echo weights >weights
"$(dirname "$0")/../oci-image" weights image
image=$("$(dirname "$0")/../push" image "lotse/model:$LOTSE_TEST_NAMESPACE")
same "$(pod reader 'read, /model/weights' Succeeded)" weights "what the pod read"
pod writer 'write, /model/weights, others' Failed | grep -q 'read-only file system'
