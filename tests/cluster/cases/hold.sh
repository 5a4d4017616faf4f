#!/usr/bin/env bash
# timeout: 300
# needs: runner
# Under load through the Service, a rolling update, a deleted pod, a program told to stop and a drained node (kubectl drain,
# which cordons it and evicts) lose no request, of the template `serve` and of `service`. The drain waits for the disruption
# budget. Where a program is killed outright, what it had in its hands is lost once and answered when it is sent again.
# alone
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../settings.sh"
. "$(dirname "$0")/../runner-image.sh"
here=$(cd "$(dirname "$0")/.." && pwd)
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
lotse() { KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG "$LOTSE" "$@"; }

"$LOTSE_RUNNER" dataset shapes shapes --seed 1 --imgsz 64 --train-images 1 --val-images 1 >/dev/null
picture=$PWD/shapes/images/val/000000.png
eyes() { # FLAGS...: the runner
  lotse serve yolo26n --seed 3 --imgsz 64 --name eyes --replicas 2 --cpu 200m --cpu-limit 1 --memory 1Gi --drain-seconds 4 "$@"
}
web() { # FLAGS...: any container; it ends at once on SIGTERM, so that its drain is the template's
  lotse run service --image "$LOTSE_TEST_IMAGE" --name web --replicas 2 --cpu 20m --memory 64Mi --drain-seconds 4 --grace 2 \
    --ready-path / "$@" -- serve 8080
}
both() { # COMMAND FLAGS...: of eyes and of web
  exits 0 eyes "${@}"
  exits 0 web "${@}"
}
pods_of() { # WORKLOAD: its pods that run and are to stay
  kubectl get pods -l "lotse.dev/workload=$1" -o 'go-template={{range .items}}{{if and (eq .status.phase "Running") (not .metadata.deletionTimestamp)}}{{.metadata.name}}{{"\n"}}{{end}}{{end}}' | sort
}
ready() { for each in eyes web; do kubectl rollout status "deployment/$each" --timeout=60s >/dev/null; done; }
program() { # POD: the id of its container's program, on this machine
  local id
  for id in $(find $tracked -path "*$(kubectl get pod "$1" -o 'jsonpath={.metadata.uid}')*" -name cgroup.procs -exec cat {} +); do
    ! tr '\0' ' ' <"/proc/$id/cmdline" | grep -q ' serve ' || echo "$id"
  done
}
signal() { # SIGNAL WORKLOAD: to the program of one pod
  local id
  id=$(program "$(pods_of "$2" | head -1)")
  [ -n "$id" ] || { echo "no program of $2 is found" >&2; exit 1; }
  kill "-$1" $id
}

calls() { # [OPTIONS...]: of trickle, to both services
  rm -f stop
  loads=()
  "$here/trickle" "$picture" "http://$(address eyes)/v1/detect" stop "$@" >load-eyes & loads+=($!)
  "$here/trickle" "$picture" "http://$(address eyes)/v1/detect" stop --keep "$@" >load-eyes-kept & loads+=($!)
  "$here/trickle" "$picture" "http://$(address web)/sum" stop "$@" >load-web & loads+=($!)
}
address() { kubectl get service "$1" -o 'jsonpath={.spec.clusterIP}'; }
trap 'touch stop; kubectl uncordon lotse >/dev/null; wait' EXIT
lost_none() { # WHAT
  touch stop
  local each bad=
  for each in "${loads[@]}"; do wait "$each" || bad=yes; done
  echo "$1, after $SECONDS s: $(head -qn 1 load-eyes load-eyes-kept load-web | paste -sd';')"
  [ -z "$bad" ] || { echo "$1 lost requests:" >&2; tail -n 6 load-* >&2; exit 1; }
}

both
SECONDS=0
calls --clients 2
before=$(pods_of eyes; pods_of web)
both --env VERSION=2 # pods that differ from those before
lost_none "a rolling update"
same "$(comm -12 <(echo "$before" | sort) <( (pods_of eyes; pods_of web) | sort))" "" "pods that the update left"

calls --clients 2
kubectl delete pod "$(pods_of eyes | head -1)" "$(pods_of web | head -1)" >/dev/null # returns when they are gone
ready
lost_none "a deleted pod of each"

calls --clients 2
signal TERM eyes
sleep 6 # the drain
ready
lost_none "a runner told to stop"

calls --clients 2
before=$(pods_of eyes; pods_of web)
kubectl drain lotse --pod-selector 'lotse.dev/workload in (eyes,web)' --delete-emptydir-data --ignore-daemonsets --timeout=100s >drain 2>&1 &
drain=$!
until_says "violate the pod's disruption budget" cat drain
same "$(pods_of eyes | wc -l) $(pods_of web | wc -l)" "1 1" "pods that a drain leaves as long as no other can start"
kubectl uncordon lotse >/dev/null # another node with room, as it were
wait $drain || { cat drain >&2; exit 1; }
ready
lost_none "a drained node"
same "$(comm -12 <(echo "$before" | sort) <( (pods_of eyes; pods_of web) | sort))" "" "pods that the drain left"

calls --clients 2 --tries 8
signal KILL eyes
signal KILL web
sleep 3
ready
lost_none "a program of each killed"
same "$(kubectl get pods -l 'lotse.dev/workload in (eyes,web)' -o 'jsonpath={.items[*].status.containerStatuses[0].restartCount}' | tr ' ' '\n' | sort | paste -sd' ')" \
  "0 0 1 1" "how often the programs began again"
exits 0 lotse delete eyes web
