# Names, places and addresses of the test cluster; sourced by every script here.
cluster=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LOTSE_CACHE:-$HOME/.cache/lotse}
state=${LOTSE_CLUSTER_STATE:-/var/lib/lotse-cluster}

# The node lives in namespaces of its own, at addresses of the block reserved for tests of networks (RFC 2544),
# so that it meets no network of the machine. The files in config/ repeat them.
link=lotse0
host_address=198.18.0.1
node_address=198.18.0.2
pod_range=198.18.1.0/24
service_range=198.19.0.0/20
api_service=198.19.0.1 # the first of service_range, as the API server takes it
server=https://$node_address:6443
registry=localhost:5077 # the same name on the machine and in the node
image=$registry/lotse/probe:1

# Every process of the cluster, daemons and containers, is below this cgroup: killing it is taking the cluster down.
cgroup=lotse-test
if [ -d /sys/fs/cgroup/pids ]; then cgroup_roots=(/sys/fs/cgroup/*/) tracked=/sys/fs/cgroup/pids/$cgroup; else
  cgroup_roots=(/sys/fs/cgroup/) tracked=/sys/fs/cgroup/$cgroup; fi

say() { echo "lotse cluster: $*" >&2; }
fail() { say "$@"; exit 1; }

processes() { [ ! -d $tracked ] || find $tracked -name cgroup.procs -exec cat {} + 2>/dev/null; }

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "gave up waiting for $what"
    sleep 0.1
  done
}

# Only one of up, down and build at a time. The daemons must not inherit the lock: start them with 8>&-.
lock() {
  mkdir -p "$cache"
  exec 8>"$cache/cluster-$1.lock"
  flock 8
}
