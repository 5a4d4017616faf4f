# --schedule as a user meets it, and `lotse scale --unrecorded`, which its CronJobs run, against a server that notes what is
# asked: one request, whose right is that to patch one object. What a cluster does with them is in tests/cluster/cases.
rush=(--schedule 'weekdays 07:00-09:30 = 20; weekdays 16:00-19:00 = 20; else 3' --time-zone Europe/Berlin)
printf '{apiVersion: v1, kind: Config, current-context: a, clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}],
  users: [{name: u, user: {}}], contexts: [{name: a, context: {cluster: c, user: u}}]}' >nowhere
export KUBECONFIG=$PWD/nowhere
serve() { lotse serve yolo26n --image r:1 --name eyes --dry-run "$@"; }
expect 0 serve "${rush[@]}" -o json
python3 - <<'P'
import json
objects = json.load(open("out"))
jobs = {o["spec"]["schedule"]: o for o in objects if o["kind"] == "CronJob"}
assert sorted(jobs) == ["0 19 * * 1-5", "0 7,16 * * 1-5", "30 9 * * 1-5"], sorted(jobs)
for job in jobs.values():
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "r:1" and pod["serviceAccountName"] == "eyes-schedule"
    assert job["spec"]["timeZone"] == "Europe/Berlin"
P
# The same at any time: what depends on the clock is no part of what is rendered.
cp out first
expect 0 serve "${rush[@]}" -o json
cmp out first
expect 2 serve --schedule 'wekdays 07:00-09:30 = 20; else 3; daily 08:00 = 1'
says err "--schedule: at character 1: 'wekdays' is no day"
says err "did you mean weekdays?"
says err "--schedule: at character 27: else comes last"
says err "--schedule: at character 41: '08:00' is not from when to when"
printf 'model: yolo26n\nschedule: "daily 07:00-25:00 = 2"\n' >values.yaml
expect 2 lotse serve -f values.yaml --image r:1 --dry-run
says err "values.yaml:2:11: at character 13: '25:00' is no time of the day"
expect 2 serve "${rush[@]}" --max 10
says err "--schedule: asks for more pods than --max"
expect 2 serve "${rush[@]}" --on local
says err "--schedule: cannot be carried out on this machine"
expect 2 lotse run service --image web:1 --name web --dry-run "${rush[@]}"
says err "--schedule: needs --schedule-image"
expect 2 serve --min 0 --max 3
says err "needs a --target external:METRIC=VALUE"

cat >server.py <<'P'
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def do_PATCH(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open("requests", "a") as log: log.write(f"PATCH {self.path} {body}\n")
        allowed = "/other" not in self.path
        answer = json.dumps({"kind": "Scale"} if allowed else {"kind": "Status", "code": 403, "message": "not that one"}).encode()
        self.send_response(200 if allowed else 403)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def do_GET(self):
        with open("requests", "a") as log: log.write(f"GET {self.path}\n")
        self.send_error(403)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
open("port", "w").write(str(server.server_address[1]))
server.serve_forever()
P
serves team python3 server.py
expect 0 lotse scale eyes --replicas 20 --unrecorded
says out "eyes: 20 pods"
expect 0 lotse scale eyes --min 3 --unrecorded -o json
fits out scale
says out '"min": 3'
expect 3 lotse scale other --replicas 2 --unrecorded
says err "not that one"
[ "$(cat requests)" = 'PATCH /apis/apps/v1/namespaces/team/deployments/eyes/scale?fieldManager=lotse-schedule {"spec":{"replicas":20}}
PATCH /apis/autoscaling/v2/namespaces/team/horizontalpodautoscalers/eyes?fieldManager=lotse-schedule {"spec":{"minReplicas":3}}
PATCH /apis/apps/v1/namespaces/team/deployments/other/scale?fieldManager=lotse-schedule {"spec":{"replicas":2}}' ] ||
  { echo "FAILED: other requests:"; cat requests; exit 1; }
expect 2 lotse scale eyes --replicas 20 --unrecorded --on local
expect 2 lotse scale eyes --replicas 20 --min 3
says err "--replicas and --min exclude each other"
expect 2 lotse scale eyes --replicas 20 --unrecorded --dry-run
expect 2 lotse scale eyes --unrecorded
expect 2 lotse scale eyes --min -1

# An image of lotse without the runner.
expect 0 lotse image build --lotse-alone --folder image
says out "lotse:"
[ -s image/index.json ]
expect 2 lotse image build --lotse-alone --cuda
