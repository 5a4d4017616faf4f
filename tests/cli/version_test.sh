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
import subprocess, time, statistics
for command in (["version"], ["--help"], ["train", "--help"], ["completion", "bash"]):
    times = []
    for _ in range(21):
        start = time.perf_counter()
        subprocess.run(["lotse", *command], stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - start) * 1000)
    print(" ".join(command), "%.1f ms" % statistics.median(times))
    assert min(times) < 100, (command, times)
P
