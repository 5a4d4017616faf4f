#!/usr/bin/env bash
# A Deployment behind a Service answers on the ClusterIP, from this machine and from a pod by name; its pod's log can be
# read and a command run in it.
. "$(dirname "$0")/../expect.sh"

kubectl apply -f - <<END
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: main
          image: $LOTSE_TEST_IMAGE
          args: [serve, '8080']
          readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
END
kubectl rollout status deployment/web --timeout=60s
pod=$(kubectl get pod -l app=web -o 'jsonpath={.items[0].metadata.name}')
address=$(kubectl get service web -o 'jsonpath={.spec.clusterIP}')
same "$(curl -sS --noproxy '*' --retry 20 --retry-all-errors --retry-delay 1 --max-time 2 "http://$address/")" "$pod" "from this machine"
same "$(kubectl exec "$pod" -- /probe get http://web/)" "$pod" "from a pod, by name"
kubectl exec "$pod" -- /probe exit 7 || code=$?
same "${code-0}" 7 "the exit code of exec"
