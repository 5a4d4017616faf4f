"""What lotse takes beyond the server's own time where there is much: nodes and pods are KWOK's, workloads are lotse's.

The server's own time is that of curl for the same requests, which a proxy writes down once, one after the other over one
connection, in the same run, turn about. Goals are those of the README."""
import concurrent.futures, contextlib, hashlib, json, os, pathlib, statistics, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from api import Api, CountingProxy
from measure import peak, spawn

lotse, kwok, stages = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
kubectl, namespace = os.environ["KUBECTL"], os.environ["LOTSE_TEST_NAMESPACE"]
nodes, workloads = int(os.environ.get("NODES", "1000")), int(os.environ.get("WORKLOADS", "500"))
runs, pods_each = int(os.environ.get("RUNS", "5")), 10
most_ms, most_mb, most_typing_ms = 1000, 40, 100
api = Api()
changes = 10  # exit code of plan


def images():
    """As many as a kubelet tells of, each by its digest and by its tag."""
    names = [f"registry.example/team-{each % 7}/project-{each}/trainer" for each in range(50)]
    return [{"names": [f"{name}@sha256:{hashlib.sha256(name.encode()).hexdigest()}", f"{name}:v1.{each}.0"],
             "sizeBytes": 10**9 + each} for each, name in enumerate(names)]


def node(number):
    amounts = {"cpu": "64", "memory": "256Gi", "nvidia.com/gpu": "8", "pods": "110"}
    name = "kwok-%04d" % number
    return {"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"},
                         "labels": {"type": "kwok", "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64",
                                    "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": "abc"[number % 3],
                                    "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}},
            "status": {"allocatable": amounts, "capacity": amounts, "images": images()}}


@contextlib.contextmanager
def fake_kubelets():
    configs = [argument for folder in ("node/fast", "node/heartbeat-with-lease", "pod/fast")
               for file in sorted((stages / folder).glob("*.yaml")) if file.name != "kustomization.yaml"
               for argument in ("--config", str(file))]
    with open("kwok.log", "w") as log:  # without leases the controllers take nodes for dead after 50 s
        process = subprocess.Popen([kwok, "--kubeconfig", os.environ["KUBECONFIG"], *configs,
                                    "--node-lease-duration-seconds=120",
                                    "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake"],
                                   stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def in_parallel(work, count, threads):
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(count)))


def wait_until(what, seconds, done):
    deadline = time.time() + seconds
    while not done():
        assert time.time() < deadline, f"gave up waiting for {what}; " + open("kwok.log").read()[-2000:]
        time.sleep(1)


def count(path, is_one=lambda item: True):
    return sum(is_one(item) for item in json.loads(api.call("GET", path))["items"])


def is_ready(fake_node):
    return any(each["type"] == "Ready" and each["status"] == "True" for each in fake_node["status"].get("conditions", []))


def service(name, gpus=1):
    return ["run", "service", "--name", name, "--image", os.environ["LOTSE_TEST_IMAGE"], "--replicas", str(pods_each),
            "--gpus", str(gpus), "--cpu", "1", "--memory", "1Gi", "--env", "LOG_LEVEL=info"]


def start(number):
    subprocess.run([lotse, *service("w-%03d" % number), "--detach"], check=True, capture_output=True)


def fill():
    begun = time.time()
    in_parallel(lambda number: api.call("POST", "/api/v1/nodes", node(number)), nodes, 8)
    wait_until("the nodes", 120, lambda: count("/api/v1/nodes?labelSelector=type%3Dkwok", is_ready) == nodes)
    ready = time.time()
    in_parallel(start, workloads, 3)
    subprocess.run([lotse, *service("too-large", 64), "--detach"], check=True, capture_output=True)
    applied = time.time()
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    wait_until("the pods", 400, lambda: count(path, lambda each: each["status"].get("readyReplicas") == pods_each) >= workloads)
    print("%d nodes ready in %.0f s; %d workloads applied in %.0f s, three at once; their %d pods ready %.0f s later" %
          (nodes, ready - begun, workloads, applied - ready, workloads * pods_each, time.time() - applied), flush=True)


def empty():
    """While KWOK is there to let its pods go."""
    for path in (f"/apis/apps/v1/namespaces/{namespace}/deployments", f"/apis/apps/v1/namespaces/{namespace}/replicasets"):
        api.call("DELETE", path + "?propagationPolicy=Background")
    pods = f"/api/v1/namespaces/{namespace}/pods"
    api.call("DELETE", pods + "?gracePeriodSeconds=0")
    wait_until("the pods to go", 200, lambda: count(pods) == 0)
    api.call("DELETE", "/api/v1/nodes?labelSelector=type%3Dkwok")


class Server:
    """Repeats with curl what was asked."""

    def __init__(self, folder):
        self.folder, self.made = folder, 0
        api.write_pem(folder)

    def command(self, requests):
        self.made += 1
        lines = []
        for number, request in enumerate(requests):
            lines += [f'url = "{api.server}{request["path"]}"', f'request = "{request["method"]}"', 'output = "/dev/null"',
                      "silent", "fail", "compressed"]
            lines += [f'{key} = "{self.folder}/{name}.pem"' for key, name in (("cacert", "ca"), ("cert", "cert"), ("key", "key"))]
            lines += [f'header = "{key}: {value}"' for key, value in request["headers"].items()
                      if key.lower() in ("accept", "content-type")]
            if request["body"]:
                body = f"{self.folder}/body-{self.made}-{number}"
                pathlib.Path(body).write_bytes(request["body"])
                lines.append(f'data-binary = "@{body}"')
            lines.append("next")
        config = f"{self.folder}/requests-{self.made}"
        pathlib.Path(config).write_text("\n".join(lines[:-1]) + "\n")
        return ["curl", "--config", config]


def verdict(value, most):
    return "met" if value <= most else "MISSED"


def measure(server, proxied, proxy, what, words, codes=(0,)):
    requests = proxy.asked_by([lotse, *words], codes, proxied)
    commands = [lotse, *words], server.command(requests)
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(spawn(commands[0], codes))
        theirs.append(spawn(commands[1]))
    (whole, processor), (alone, _) = ([statistics.median(column) for column in zip(*rows)] for rows in (ours, theirs))
    memory = peak(commands[0], codes)
    print("%-22s%9d%9.0f%9.0f%9.0f%9.0f%9.1f   %s, %s" %
          (what, len(requests), whole, alone, whole - alone, processor, memory, verdict(whole - alone, most_ms),
           verdict(memory, most_mb)), flush=True)


def complete(what, *words):
    """What a shell asks for while the user types, the server's time within."""
    rows = [spawn([lotse, "__complete", *words]) for _ in range(runs)]
    whole, processor = (statistics.median(column) for column in zip(*rows))
    print("%-22s%9s%9.0f%27.0f%9s   %s" % ("complete " + what, "", whole, processor, "", verdict(whole, most_typing_ms)), flush=True)


def count_apply(proxied, proxy, what, name, gpus):
    """Access reviews are not counted, nor is the release of the lock, which is what a Lease's would be: the last request.
    The anchor is not tried."""
    asked = proxy.asked_by([lotse, *service(name, gpus), "--detach"], (0,), proxied)
    counted = [each for each in asked if "/namespaces/" in each["path"]]
    if counted[-1]["method"] == "PATCH" and f"/configmaps/{name}?" in counted[-1]["path"]:
        counted.pop()
    objects = 1 + sum("dryRun" in each["path"] for each in counted)
    most = 2 * objects + 6
    print(f"{what}: {len(counted)} requests for {objects} objects, trial included; at most {most}: {verdict(len(counted), most)}")


def questions():
    print("%-22s" % "" + "".join("%9s" % word for word in ("requests", "ms", "server", "beyond", "cpu ms", "peak MB")))
    one = "w-%03d" % (workloads // 2)
    yield "list", ["list"]
    yield "status NAME", ["status", one]
    yield "why NAME, healthy", ["why", one]
    yield "why NAME, no room", ["why", "too-large"]
    yield "plan", ["plan", *service("new")], (changes,)
    yield "plan, a change", ["plan", *service(one, 2)], (changes,)
    yield "gpus", ["gpus"]
    yield "top", ["top"]


with fake_kubelets():
    try:
        fill()
        with tempfile.TemporaryDirectory() as folder:
            proxy, server = CountingProxy(api), Server(folder)
            proxy.write_kubeconfig(f"{folder}/config", namespace)
            proxied = {**os.environ, "KUBECONFIG": f"{folder}/config"}
            for question in questions():
                measure(server, proxied, proxy, *question)
            complete("names", "workload")
            complete("contexts", "context")
            complete("flags", "flags", "--", "run", "service")
            count_apply(proxied, proxy, "apply, new", "counted", 1)
            count_apply(proxied, proxy, "apply, a change", "counted", 2)
    finally:
        empty()
