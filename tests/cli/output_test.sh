# Output that cannot be written: a message and exit 1, never a success with half of it. /dev/full is a disk that is full.
full() {
  local code=0
  "$@" >/dev/full 2>err </dev/null || code=$?
  [ "$code" = 1 ] || { echo "FAILED: $* >/dev/full returned $code, not 1"; cat err; exit 1; }
  says err "cannot write to standard output: No space left on device"
  [ "$(grep -c 'cannot write' err)" = 1 ] || { echo "FAILED: $* says it more than once"; cat err; exit 1; }
}
cat >far <<'Y'
current-context: far
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: far, context: {cluster: c}}]
Y
full lotse
full lotse --help
full lotse train --help
full lotse help train
full lotse version
full lotse version -o json
full lotse list --on local
full lotse list --on local -o json
full lotse template list
full lotse template show train
full lotse template render export --set model=yolo26n
full lotse context list
full lotse context show
full lotse context show --raw --kubeconfig far
full lotse completion bash
full lotse __complete template
full lotse infer yolo26n volume:pictures/ --on local --dry-run

# Nothing is started or deleted where the first line cannot be written.
full lotse infer yolo26n volume:pictures/ --name run --on local --detach
expect 3 lotse status run --on local

# A closed standard output is not written to either, and no file that is opened takes its place.
code=0
lotse context list >&- 2>err || code=$?
[ "$code" = 1 ] || { echo "FAILED: a closed output returned $code"; exit 1; }
says err "cannot write to standard output: Bad file descriptor"

# A reader that has gone is no failure: of a process that ignores SIGPIPE, and of a pipeline.
code=$(python3 - <<'P'
import signal, subprocess, os
read, write = os.pipe()
os.close(read)
print(subprocess.run(["lotse", "template", "show", "train"], stdout=write, restore_signals=False,
                     preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)).returncode)
P
)
[ "$code" = 0 ] || { echo "FAILED: a reader that has gone: $code"; exit 1; }
lotse template show train | head -1 >first
says first "template.yaml"
