"""A few answers of an API server, for get_test.sh and formats_test.sh: 1,100 pods in pages, one kind that must be
discovered, one watch; a node with GPUs; nothing in the namespace `empty`, where nobody may create Deployments.

The real server's own answers are compared with kubectl's in tests/cluster/cases/get.sh."""
import http.server, json, re, sys, urllib.parse

names = ["pod-%04d" % i for i in range(1100)]


def pod(name):
    return {"metadata": {"name": name, "namespace": "team", "resourceVersion": "5", "uid": "u-" + name,
                         "managedFields": [{"manager": "canary-manager"}]},
            "spec": {"containers": [{"name": "main", "image": 'a"b\\c'}]}, "status": {"phase": "Running"}}


gpu_node = {"metadata": {"name": "n", "labels": {"nvidia.com/gpu.product": "NVIDIA-A100"}}, "spec": {},
            "status": {"allocatable": {"nvidia.com/gpu": "8"}, "conditions": [{"type": "Ready", "status": "True"}]}}


def table(objects, where):
    columns = [{"name": "Name", "priority": 0}, {"name": "Phase", "priority": 0}, {"name": "Image", "priority": 1}]
    rows = [{"cells": [o["metadata"]["name"], "Running\x1b[31m", "a\nb"],
             "object": {"metadata": o["metadata"]} if where != "None" else None} for o in objects]
    return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "9"},
            "columnDefinitions": columns, "rows": rows}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, form, *arguments):
        with open("requests", "a") as log:
            log.write(self.command + " " + self.path + "\n")

    def answer(self, value, status=200, headers={}):
        body = json.dumps(value).encode() if value is not None else b""
        self.send_response(status)
        for key, text in headers.items():
            self.send_header(key, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def watch(self, query, as_table):
        if query.get("resourceVersion") != "9":  # what is cut off comes only after a pause: nothing more here
            return self.answer({"kind": "Status", "code": 429, "message": "later"}, 429, {"Retry-After": "60"})
        self.send_response(200)
        self.end_headers()
        new = dict(pod("pod-new"), kind="Pod", apiVersion="v1")
        event = {"type": "ADDED", "object": dict(table([new], "Metadata"), metadata={"resourceVersion": "10"}) if as_table else new}
        self.wfile.write(json.dumps(event).encode() + b"\n")
        self.close_connection = True

    def do_POST(self):  # what the user may do
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["spec"]["resourceAttributes"]
        allowed = (asked["resource"], asked["verb"]) != ("deployments", "create")
        self.answer({"kind": "SelfSubjectAccessReview", "status": {"allowed": allowed}}, 201)

    def do_GET(self):
        path, _, rest = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(rest))
        accept = self.headers["Accept"]
        if path == "/apis":
            if self.headers.get("If-None-Match") == '"e"':
                return self.answer(None, 304, {"ETag": '"e"'})
            widget = {"resource": "widgets", "responseKind": {"kind": "Widget"}, "scope": "Namespaced",
                      "singularResource": "widget", "shortNames": ["wd"]}
            return self.answer({"kind": "APIGroupDiscoveryList", "items": [
                {"metadata": {"name": "example.com"}, "versions": [{"version": "v1", "resources": [widget]}]}]},
                headers={"ETag": '"e"'})
        if path.endswith("/widgets"):
            return self.answer({"kind": "WidgetList", "metadata": {}, "items": [
                {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}}]})
        if path == "/version":
            return self.answer({"gitVersion": "v1.37.0"})
        if path == "/api/v1/namespaces/empty":
            return self.answer({"kind": "Namespace", "metadata": {"name": "empty"}})
        if path == "/api/v1/nodes":
            return self.answer({"kind": "NodeList", "metadata": {"resourceVersion": "9"}, "items": [gpu_node]})
        if "watch" in query:
            return self.watch(query, "as=Table" in accept)
        one = re.match("/api/v1/namespaces/team/pods/(.*)", path)
        if one and one[1] not in names:
            return self.answer({"kind": "Status", "code": 404, "message": 'pods "%s" not found' % one[1]}, 404)
        if one:
            found = dict(pod(one[1]), kind="Pod", apiVersion="v1")
            return self.answer(table([found], query.get("includeObject")) if "as=Table" in accept else found)
        if "/namespaces/empty/" in path:
            return self.answer(table([], "None") if "as=Table" in accept else
                               {"kind": "PodList", "metadata": {"resourceVersion": "9"}, "items": []})
        begin = int(query.get("continue", "0"))
        end = begin + int(query["limit"])
        objects = [pod(name) for name in names[begin:end]]
        page = table(objects, query.get("includeObject")) if "as=Table" in accept else {
            "kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": objects}
        if end < len(names):
            page["metadata"]["continue"] = str(end)
        self.answer(page)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open("port", "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
