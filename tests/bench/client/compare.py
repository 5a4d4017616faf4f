"""Time and peak memory of kubectl and lotse for the same questions to the same server, turn about.

The pods are real objects of the API server that no scheduler touches (spec.schedulingGates), about as large as those
that run: for a client there is no difference. Peak memory is the kernel's (ru_maxrss); it cannot show less than this
script's own, about 15 MB."""
import base64, concurrent.futures, http.client, json, os, ssl, statistics, subprocess, sys, tempfile, threading, time
import urllib.parse

lotse, kubectl, namespace = sys.argv[1], os.environ["KUBECTL"], os.environ["LOTSE_TEST_NAMESPACE"]
pods, runs = int(os.environ.get("PODS", "10000")), int(os.environ.get("RUNS", "5"))


def connector():
    config = json.loads(subprocess.run([kubectl, "config", "view", "--raw", "--minify", "-o", "json"],
                                       capture_output=True, check=True).stdout)
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]

    def text(holder, key):
        return base64.b64decode(holder[key + "-data"]).decode() if key + "-data" in holder else open(holder[key]).read()

    context = ssl.create_default_context(cadata=text(cluster, "certificate-authority"))
    with tempfile.NamedTemporaryFile("w") as pem:
        pem.write(text(user, "client-certificate") + text(user, "client-key"))
        pem.flush()
        context.load_cert_chain(pem.name)
    address = urllib.parse.urlsplit(cluster["server"])
    return lambda: http.client.HTTPSConnection(address.hostname, address.port, context=context)


connect, own = connector(), threading.local()


def call(method, path, body=None):
    if not hasattr(own, "connection"):
        own.connection = connect()
    own.connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
    answer = own.connection.getresponse()
    data = answer.read()
    assert answer.status < 300, (answer.status, data[:300])
    return data


def pod(number):
    environment = [{"name": "SETTING_%02d" % i, "value": "value %d of pod %d" % (i, number)} for i in range(12)]
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "pod-%05d" % number, "labels": {"app": "bench", "index": str(number)}},
            "spec": {"schedulingGates": [{"name": "lotse.dev/bench"}],
                     "containers": [{"name": "main", "image": "registry.example/some/image:1", "env": environment,
                                     "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}]}}


def run(command):
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    size = 0
    while piece := child.stdout.read(1 << 20):
        size += len(piece)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, (command, child.returncode)
    return (time.perf_counter() - begun) * 1000, usage.ru_maxrss / 1024, size, (usage.ru_utime + usage.ru_stime) * 1000


def compare(what, theirs, ours, times):
    results = {"kubectl": [], "lotse": []}
    for _ in range(times):
        results["kubectl"].append(run([kubectl, *theirs]))
        results["lotse"].append(run([lotse, *ours]))
    best = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
    k, l = best["kubectl"], best["lotse"]
    print("%-34s %9.1f %9.1f %6.1fx %9.1f %9.1f %6.1fx %9.1f %9.1f" %
          (what, k[0], l[0], k[0] / l[0], k[1], l[1], k[1] / l[1], k[2] / 1e6, l[2] / 1e6), flush=True)


begun = time.time()
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda number: call("POST", "/api/v1/namespaces/%s/pods" % namespace, pod(number)), range(pods)))
size = len(call("GET", "/api/v1/namespaces/%s/pods" % namespace))
begun_bytes = time.time()
call("GET", "/api/v1/namespaces/%s/pods" % namespace)
print("%d pods made in %.0f s, %.1f MB as JSON, which come in %.2f s without any client" %
      (pods, begun_bytes - begun, size / 1e6, time.time() - begun_bytes), flush=True)

print("%-34s %9s %9s %7s %9s %9s %7s %9s %9s" %
      ("median", "kubectl", "lotse", "", "kubectl", "lotse", "", "kubectl", "lotse"))
print("%-34s %9s %9s %7s %9s %9s %7s %9s %9s" % ("", "ms", "ms", "ratio", "MB", "MB", "ratio", "MB out", "MB out"))
compare("start (version)", ["version", "--client"], ["version"], 4 * runs + 1)
compare("one object, table", ["get", "pod", "pod-00042"], ["get", "pod", "pod-00042"], 4 * runs + 1)
compare("one object, json", ["get", "pod", "pod-00042", "-o", "json"], ["get", "pod", "pod-00042", "-o", "json"],
        4 * runs + 1)
for form in ([], ["-o", "name"], ["-o", "json"], ["-o", "yaml"]):
    compare("%d pods, %s" % (pods, form[-1] if form else "table"), ["get", "pods", *form], ["get", "pods", *form],
            runs if form != ["-o", "yaml"] else 1)
call("DELETE", "/api/v1/namespaces/%s/pods" % namespace,
     {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})
