# Sourced by cases: workloads of Lotse that run the probe instead of the runner, written by hand.

labels() { echo "{app.kubernetes.io/managed-by: lotse, lotse.dev/workload: $1, lotse.dev/template: $2}"; }

# deployment NAME REPLICAS ARGUMENTS: ready when it returns.
deployment() {
  kubectl apply --server-side -f - >/dev/null <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: $1, labels: $(labels "$1" serve)}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1, labels: $(labels "$1" serve)}
spec:
  replicas: $2
  selector: {matchLabels: {lotse.dev/workload: $1}}
  template:
    metadata: {labels: $(labels "$1" serve)}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: $LOTSE_TEST_IMAGE
          args: [$3]
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: $1, labels: $(labels "$1" serve)}
spec:
  selector: {lotse.dev/workload: $1}
  ports: [{name: web, port: 80, targetPort: http}]
END
  kubectl rollout status "deployment/$1" --timeout=60s >/dev/null
}

# job NAME COUNT POD: an Indexed Job whose pods run one after the other; their spec, as fields of a flow mapping.
job() {
  kubectl apply --server-side -f - >/dev/null <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: $1, labels: $(labels "$1" train)}
---
apiVersion: batch/v1
kind: Job
metadata: {name: $1, labels: $(labels "$1" train)}
spec:
  completionMode: Indexed
  parallelism: 1
  completions: $2
  template:
    metadata: {labels: $(labels "$1" train)}
    spec: {restartPolicy: Never, $3}
END
}
