"""Time and peak memory of kubectl and lotse for the same questions to the same server, turn about.

The pods are real objects of the API server that no scheduler touches (spec.schedulingGates), about as large as those
that run: for a client there is no difference. Peak memory is of one more run, as GNU time says."""
import base64, concurrent.futures, json, os, pathlib, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from api import Api
from measure import peak, turn_about

lotse, kubectl, namespace = sys.argv[1], os.environ["KUBECTL"], os.environ["LOTSE_TEST_NAMESPACE"]
pods, runs = int(os.environ.get("PODS", "10000")), int(os.environ.get("RUNS", "5"))


call = Api().call


def pod(number):
    environment = [{"name": "SETTING_%02d" % i, "value": "value %d of pod %d" % (i, number)} for i in range(12)]
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "pod-%05d" % number, "labels": {"app": "bench", "index": str(number)}},
            "spec": {"schedulingGates": [{"name": "lotse.dev/bench"}],
                     "containers": [{"name": "main", "image": "registry.example/some/image:1", "env": environment,
                                     "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}]}}


def compare(what, theirs, ours, times):
    commands = {"kubectl": [kubectl, *theirs], "lotse": [lotse, *ours]}
    found = turn_about(commands, times)
    medians = [[*found[name], peak(command)] for name, command in commands.items()]
    print("%-24s" % what + "".join("%10.1f%9.1f%6.1fx" % (k, l, k / max(l, 0.1)) for k, l in zip(*medians)), flush=True)


def with_slow_plugin(folder):
    """A kubeconfig as the administrator's whose certificate comes from a plug-in that takes a second, for an hour."""
    config = json.loads(subprocess.run([kubectl, "config", "view", "--raw", "--minify", "-o", "json"],
                                       capture_output=True, check=True).stdout)
    user = config["users"][0]["user"]
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    version = "client.authentication.k8s.io/v1"
    status = {"clientCertificateData": base64.b64decode(user["client-certificate-data"]).decode(),
              "clientKeyData": base64.b64decode(user["client-key-data"]).decode(), "expirationTimestamp": later}
    answer = json.dumps({"kind": "ExecCredential", "apiVersion": version, "status": status})
    config["users"][0]["user"] = {"exec": {"apiVersion": version, "interactiveMode": "Never", "command": "/bin/sh",
                                           "args": ["-c", "sleep 1; printf %s \"$0\"", answer]}}
    path = os.path.join(folder, "kubeconfig")
    with open(path, "w") as file:
        json.dump(config, file)
    return ["--kubeconfig", path]


begun = time.time()
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda number: call("POST", "/api/v1/namespaces/%s/pods" % namespace, pod(number)), range(pods)))
size = len(call("GET", "/api/v1/namespaces/%s/pods" % namespace))
begun_bytes = time.time()
call("GET", "/api/v1/namespaces/%s/pods" % namespace)
print("%d pods made in %.0f s, %.1f MB as JSON, which come in %.2f s without any client" %
      (pods, begun_bytes - begun, size / 1e6, time.time() - begun_bytes), flush=True)

for heading in (("ms", "processor ms", "peak MB"), ("kubectl lotse",) * 3):
    print("%-24s" % "" + "".join("%25s" % text for text in heading))
compare("start (version)", ["version", "--client"], ["version"], 4 * runs + 1)
compare("one object, table", ["get", "pod", "pod-00042"], ["get", "pod", "pod-00042"], 4 * runs + 1)
compare("one object, json", ["get", "pod", "pod-00042", "-o", "json"], ["get", "pod", "pod-00042", "-o", "json"],
        4 * runs + 1)
with tempfile.TemporaryDirectory() as folder:
    os.environ["XDG_CACHE_HOME"] = folder
    slow = ["get", "pod", "pod-00042", *with_slow_plugin(folder)]
    compare("plug-in of 1 s, first", slow, slow, 1)
    compare("plug-in of 1 s, again", slow, slow, runs)
for form in ([], ["-o", "name"], ["-o", "json"], ["-o", "yaml"]):
    compare("%d pods, %s" % (pods, form[-1] if form else "table"), ["get", "pods", *form], ["get", "pods", *form],
            runs if form != ["-o", "yaml"] else 1)
call("DELETE", "/api/v1/namespaces/%s/pods" % namespace,
     {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})
