#!/usr/bin/env python3
"""An API server as far as `lotse list` and `lotse version` ask: HTTPS on a free port of 127.0.0.1.

api_server.py FOLDER: certificate and key are server.pem and server.key there; the port is written into `port`, every
request into `requests`. Only the token in the file `token` is let in; who has a client certificate is let in, too, and
its name is noted."""
import http.server
import json
import os
import ssl
import sys

folder = sys.argv[1]


def path(name):
    return os.path.join(folder, name)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with open(path("token"), encoding="utf-8") as file:
            wanted = "Bearer " + file.read().strip()
        subject = dict(pair[0] for pair in (self.connection.getpeercert() or {}).get("subject", []))
        good = self.headers.get("Authorization") == wanted or "commonName" in subject
        with open(path("requests"), "a", encoding="utf-8") as file:
            file.write(f"{self.path} {200 if good else 401} {subject.get('commonName', '-')}\n")
        body = json.dumps({"kind": "Status", "message": "Unauthorized", "code": 401} if not good else
                          {"gitVersion": "v1.36.3", "items": [], "metadata": {"resourceVersion": "1"}}).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(path("server.pem"), path("server.key"))
context.load_verify_locations(path("server.pem"))
context.verify_mode = ssl.CERT_OPTIONAL
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(path("port.new"), "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(path("port.new"), path("port"))
server.serve_forever()
