"""A list of any length, from a server that has one page of it: what it costs lotse in memory.

pods_table.json is a page of `get pods` as an API server 1.37 wrote it; its rows come again and again, 500 a page, with
names of their own."""
import http.server, json, os, pathlib, subprocess, sys, tempfile, threading, urllib.parse

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent))
from measure import peak, spawn

lotse = sys.argv[1]
recorded = json.loads((here / "pods_table.json").read_text())
goal_mb = 25


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    pods = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, rest = self.path.partition("?")
        known = path.endswith("/pods")
        body = self.page(dict(urllib.parse.parse_qsl(rest))) if known else b"{}"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, query):
        begin = int(query.get("continue", "0"))
        end = min(begin + int(query["limit"]), self.server.pods)
        rows = [dict(row, cells=["pod-%06d" % number, *row["cells"][1:]])
                for number in range(begin, end) for row in [recorded["rows"][number % len(recorded["rows"])]]]
        metadata = {"resourceVersion": "9", **({"continue": str(end)} if end < self.server.pods else {})}
        return json.dumps({**recorded, "metadata": metadata, "rows": rows}).encode()

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
