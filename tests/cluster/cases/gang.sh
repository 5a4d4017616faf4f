#!/usr/bin/env bash
# timeout: 120
# Pods that the scheduler places all or none (PodGroup): one group lacks a pod, one asks for more than the node has, one
# fits. What the group's conditions say is passed on.
. "$(dirname "$0")/../expect.sh"
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD

gang() { # NAME PODS MINIMUM CPU
  local labels='"lotse.dev/workload":"'$1'","app.kubernetes.io/managed-by":"lotse","lotse.dev/template":"train"'
  kubectl apply -f - >/dev/null <<END
{"apiVersion":"scheduling.k8s.io/v1beta1","kind":"PodGroup","metadata":{"name":"$1"},"spec":{"schedulingPolicy":{"gang":{"minCount":$3}}}}
---
{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"$1","labels":{$labels},"annotations":{"lotse.dev/kind":"train"}}}
---
{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"$1","labels":{$labels}},
 "spec":{"completionMode":"Indexed","completions":$2,"parallelism":$2,"template":{"metadata":{"labels":{$labels}},
  "spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1,"schedulingGroup":{"podGroupName":"$1"},
   "containers":[{"name":"runner","image":"$LOTSE_TEST_IMAGE","resources":{"requests":{"cpu":"$4"}}}]}}}}
END
}
gang whole 2 2 1m
gang half 1 2 1m
gang hungry 2 2 1000
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG # the rights of the Role are enough
first_is half GangNotScheduled "podgroup/half"
first_is hungry NoNodeFits "podgroup/hungry: "
until_says "whole: Running" "$LOTSE" status whole
exits 0 "$LOTSE" why whole
says "nothing is wrong with it"
