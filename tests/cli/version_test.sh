# Version and help need no kubeconfig, no server, and no time: the median of 21 starts.
expect 0 lotse version
says out "lotse "
expect 0 lotse version -o json
fits out version
expect 0 lotse version --on local -o json
fits out version
says out '"server": "local"'
export KUBECONFIG=/nowhere/at/all
expect 0 lotse version
python3 - <<'P'
import os, statistics
for command in (["version"], ["--help"], ["train", "--help"], ["completion", "bash"]):
    times = []  # of the processor, for others use it too
    for _ in range(21):
        child = os.posix_spawnp("lotse", ["lotse", *command], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
        _, status, used = os.wait4(child, 0)
        assert status == 0, (command, status)
        times.append((used.ru_utime + used.ru_stime) * 1000)
    print(" ".join(command), "%.1f ms" % statistics.median(times))
    assert min(times) < 200, (command, times)
P
