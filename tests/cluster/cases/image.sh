#!/usr/bin/env bash
# timeout: 180
# needs: runner
# The image that `lotse image build` writes, pulled and run by a real node: as root, and under the rules of a "restricted"
# namespace. It holds no shell; what it prints is all that it can do.
. "$(dirname "$0")/../expect.sh"

"$LOTSE" image build --runner "$LOTSE_RUNNER" --folder image --tag lotse-runner:test
image=$("$(dirname "$0")/../push" image "lotse/runner:$LOTSE_TEST_NAMESPACE")

pod() { # NAME SECURITY_CONTEXT ARGUMENTS: its log
  kubectl apply -f - >/dev/null <<END
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  restartPolicy: Never
  containers:
    - {name: main, image: '$image', args: [$3], securityContext: {$2}}
END
  kubectl wait "pod/$1" --for=jsonpath='{.status.phase}'=Succeeded --timeout=60s >/dev/null
  kubectl logs "$1"
}
restricted="runAsUser: 65532, runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]},
  seccompProfile: {type: RuntimeDefault}"

version=$("$LOTSE_RUNNER" --version)
same "$(pod version '' --version)" "$version" "the version that the image tells"
same "$(pod restricted "$restricted" --version)" "$version" "the version under a restricted namespace's rules"
# Loads libtorch, from the image alone, and writes to its own /tmp.
pod shapes "$restricted" "dataset, shapes, /tmp/x, --train-images, '2', --val-images, '1'"
