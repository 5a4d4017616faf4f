"""A list of any length, from a server that makes it up: what it costs lotse in memory. The pages are tables of 500 pods
with the columns of an API server, or their metadata, of 1.3 KB each."""
import http.server, json, os, pathlib, subprocess, sys, tempfile, threading, urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from measure import peak, spawn

lotse = sys.argv[1]
columns = ["Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates"]
always_shown = 5
head = {"kind": "Table", "apiVersion": "meta.k8s.io/v1",
        "columnDefinitions": [{"name": name, "type": "string", "format": "name" if name == "Name" else "",
                               "description": "what a server says of the column " + name,
                               "priority": 0 if number < always_shown else 1} for number, name in enumerate(columns)]}
goal_mb = 25


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    pods = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, rest = self.path.partition("?")
        known = path.endswith("/pods")
        page = self.table if "as=Table" in self.headers["Accept"] else self.metadata
        body = page(dict(urllib.parse.parse_qsl(rest))) if known else b"{}"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def part(self, query):
        begin = int(query.get("continue", "0"))
        end = min(begin + int(query["limit"]), self.server.pods)
        return range(begin, end), {"resourceVersion": "9", **({"continue": str(end)} if end < self.server.pods else {})}

    def table(self, query):
        numbers, metadata = self.part(query)
        rows = [{"cells": ["pod-%06d-7d9f6c5b8-x2x4z" % number, "1/1", "Running", "0", "5d12h",
                           "10.42.%d.%d" % (number // 256 % 256, number % 256), "node-%04d" % (number % 1000), "<none>",
                           "<none>"], "object": None} for number in numbers]
        return json.dumps({**head, "metadata": metadata, "rows": rows}).encode()

    def metadata(self, query):
        numbers, metadata = self.part(query)
        labels = {"app.kubernetes.io/name": "a", "app.kubernetes.io/managed-by": "b", "pod-template-hash": "7d9f6c5b8"}
        fields = {"f:metadata": {"f:labels": {"f:" + name: {} for name in labels}},
                  "f:status": {"f:field-%02d" % number: {} for number in range(40)}}
        rest = {"namespace": "n", "uid": "0" * 36, "resourceVersion": "8", "labels": labels,
                "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsV1": fields}]}
        items = [{"metadata": {"name": "pod-%06d-7d9f6c5b8-x2x4z" % number, **rest}} for number in numbers]
        return json.dumps({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                           "items": items}).encode()

    def log_message(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with tempfile.TemporaryDirectory() as folder:
    os.environ["KUBECONFIG"] = f"{folder}/config"
    with open(f"{folder}/config", "w") as file:
        json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "c", "users": [{"name": "u", "user": {}}],
                   "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
                   "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "n"}}]}, file)
    for server.pods in (1000, 10000, 100000):
        for form in ("table", "name"):
            command = [lotse, "get", "pods", "-o", form]
            lines = subprocess.run(command, capture_output=True, check=True).stdout.count(b"\n")
            assert lines == server.pods + (form == "table"), lines
            _, processor = spawn(command)
            memory = peak(command)
            print("%7d pods, %-6s%8.0f ms of processor time%8.1f MB   %s" %
                  (server.pods, form, processor, memory, "met" if memory <= goal_mb else "MISSED"), flush=True)
