"""The API server of the kubeconfig without any client, and a proxy before it that writes down what it is asked."""
import base64, http.client, http.server, json, os, ssl, subprocess, tempfile, threading, urllib.parse


class Api:
    def __init__(self):
        found = subprocess.run([os.environ["KUBECTL"], "config", "view", "--raw", "--minify", "-o", "json"],
                               capture_output=True, check=True)
        self.config = json.loads(found.stdout)
        self.cluster, self.user = self.config["clusters"][0]["cluster"], self.config["users"][0]["user"]
        self.server = self.cluster["server"]
        self._context = ssl.create_default_context(cadata=self._text(self.cluster, "certificate-authority"))
        with tempfile.NamedTemporaryFile("w") as pem:
            pem.write(self._text(self.user, "client-certificate") + self._text(self.user, "client-key"))
            pem.flush()
            self._context.load_cert_chain(pem.name)
        self._own = threading.local()

    @staticmethod
    def _text(holder, key):
        return base64.b64decode(holder[key + "-data"]).decode() if key + "-data" in holder else open(holder[key]).read()

    def write_pem(self, folder):
        """The files with which curl asks as this user."""
        for name, holder, key in (("ca", self.cluster, "certificate-authority"), ("cert", self.user, "client-certificate"),
                                  ("key", self.user, "client-key")):
            with open(f"{folder}/{name}.pem", "w") as file:
                file.write(self._text(holder, key))

    def connection(self):
        """This thread's."""
        if not hasattr(self._own, "connection"):
            address = urllib.parse.urlsplit(self.server)
            self._own.connection = http.client.HTTPSConnection(address.hostname, address.port, context=self._context)
        return self._own.connection

    def forget_connection(self):
        self.connection().close()
        del self._own.connection

    def call(self, method, path, body=None, kind="application/json"):
        def ask():
            self.connection().request(method, path, json.dumps(body) if body else None, {"Content-Type": kind})
            return self.connection().getresponse()

        try:
            answer = ask()
        except (http.client.RemoteDisconnected, ssl.SSLEOFError):  # the server closes what was silent for 90 s
            self.forget_connection()
            answer = ask()
        data = answer.read()
        assert answer.status < 300, (method, path, answer.status, data[:300])
        return data


class CountingProxy(http.server.ThreadingHTTPServer):
    """Plain HTTP on a free port of this machine; whoever asks there is the kubeconfig's user to the server."""
    daemon_threads = True

    def __init__(self, api):
        super().__init__(("127.0.0.1", 0), Relay)
        self.api, self.lock, self.requests = api, threading.Lock(), []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def write_kubeconfig(self, path, namespace):
        with open(path, "w") as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "c", "users": [{"name": "u", "user": {}}],
                       "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.server_port}"}}],
                       "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": namespace}}]}, file)

    def asked_by(self, command, codes=(0,), environment=None):
        """What a command asks the server: [{method, path, headers, body}]."""
        self.requests = []
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode in codes, (command, done.returncode, done.stdout, done.stderr)
        return self.requests

    def handle_error(self, request, address):
        pass  # who asked is gone


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {key: value for key, value in self.headers.items()
                   if key.lower() not in ("host", "connection", "accept-encoding")}
        with self.server.lock:
            self.server.requests.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
        upstream = self.server.api.connection()
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(key, value)
        if answer.status in (204, 304):  # they have no body
            self.end_headers()
            return answer.close()
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with answer:  # so that the connection can be asked again
            while piece := answer.read1(65536):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def finish(self):
        self.server.api.forget_connection()
        super().finish()

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = relay

    def log_message(self, *_):
        pass
