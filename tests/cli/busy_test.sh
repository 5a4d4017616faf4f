# docs/promises.md A26: a server that answers 429 at first, as one does whose caches are cold.
cat >server.py <<'P'
import http.server, json, sys, time

begun, cold, after = time.time(), float(sys.argv[1]), sys.argv[2]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, form, *arguments):
        pass

    def do_GET(self):
        busy = time.time() - begun < cold
        value = {"kind": "Status", "code": 429, "message": "storage is (re)initializing"} if busy else {
            "kind": "List", "metadata": {"resourceVersion": "1"}, "items": []}
        body = json.dumps(value).encode()
        with open("requests", "a") as log:
            log.write(self.path.partition("?")[0] + "\n")
        self.send_response(429 if busy else 200)
        if busy and after:
            self.send_header("Retry-After", after)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open("port", "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
P
serve() { # SECONDS RETRY-AFTER: busy for so long
  rm -f requests
  serves team python3 server.py "$@"
}

for after in 1 ""; do
  for command in "get pods" list "why nothing" "wait nothing"; do
    serve 1.5 "$after"
    started=$SECONDS code=0
    case $command in *nothing) code=3 ;; esac
    expect $code lotse $command
    says err "ServerBusy: the server answers 429"
    [ $((SECONDS - started)) -le 6 ] || { echo "FAILED: $command took $((SECONDS - started)) s"; exit 1; }
    # At most one list of a kind for each wait, and one more when it has an answer.
    [ "$(sort requests | uniq -c | sort -rn | awk 'NR == 1 {print $1}')" -le 5 ] || {
      echo "FAILED: $command asked too often:"; sort requests | uniq -c; exit 1; }
    kill $server
  done
done
serve 0 ""
