#!/usr/bin/env bash
# The two pods of an Indexed Job find each other by the names that a headless Service gives them, as the rendezvous of a
# distributed training does.
. "$(dirname "$0")/../expect.sh"

kubectl apply -f - <<END
apiVersion: v1
kind: Service
metadata: {name: pair}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {job-name: pair}
---
apiVersion: batch/v1
kind: Job
metadata: {name: pair}
spec:
  completionMode: Indexed
  completions: 2
  parallelism: 2
  backoffLimit: 0
  template:
    spec:
      subdomain: pair
      restartPolicy: Never
      containers:
        - {name: main, image: '$LOTSE_TEST_IMAGE', args: [meet, pair]}
END
kubectl wait job/pair --for=condition=Complete --timeout=60s
index() { kubectl get pod -l "job-name=pair,batch.kubernetes.io/job-completion-index=$1" -o "jsonpath={.items[0]$2}"; }
same "$(kubectl logs "$(index 0 .metadata.name)")" "found pair-1.pair [$(index 1 .status.podIP)]" "the log of index 0"
same "$(kubectl logs "$(index 1 .metadata.name)")" "met pair-0" "the log of index 1"
