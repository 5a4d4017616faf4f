#!/usr/bin/env bash
# timeout: 180
# `lotse exec` with the rights of role.yaml alone: exit codes, streams apart, 10 MB of binary input and output, a command
# that cannot start, a terminal with its size, Ctrl-C.
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../workload.sh"
export KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG

deployment web 1 "serve, '8080'"
code_of() { local code=0; "$@" >out 2>err </dev/null || code=$?; echo $code; }

same "$(code_of "$LOTSE" exec web -- /probe print 'a b' '$c')" 0 "the exit code"
same "$(cat out)" "a b
\$c" "the output"
same "$(code_of "$LOTSE" exec web -- /probe exit 42)" 42 "the exit code of a command that fails"
same "$(cat out err)" "" "what lotse adds to a command's own words"
same "$(code_of "$LOTSE" exec web -- /probe)" 2 "the exit code"
grep -q '^probe pause' err || { echo "standard error did not come apart" >&2; exit 1; }

same "$(code_of "$LOTSE" exec web -- /nothing)" 2 "the exit code of a command that is not there"
grep -q "cannot run '/nothing' in pod/web-.*no such file" err || { cat err >&2; exit 1; }
same "$(code_of "$LOTSE" exec nowhere -- /probe)" 3 "the exit code without such a workload"
same "$(code_of "$LOTSE" exec web --rank 3 -- /probe)" 3 "the exit code without such a rank"

head -c 10000000 /dev/urandom >binary
"$LOTSE" exec web -i -- /probe cat <binary >back
cmp binary back
head -c 1000 binary | "$LOTSE" exec web -i -- /probe cat | cmp - <(head -c 1000 binary)

# A terminal of its own: the size that it has, the one that it gets, Ctrl-C that goes to the command, and the terminal as it
# was before.
python3 - "$LOTSE" <<'END'
import fcntl, os, pty, re, select, signal, struct, sys, termios, time
lotse = sys.argv[1]

def size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

def session(command, columns=132, rows=43):
    go, may_go = os.pipe()
    pid, fd = pty.fork()
    if pid == 0:
        os.read(go, 1)
        os.execv(lotse, [lotse, "exec", "web", "-it", "--"] + command)
    size(fd, columns, rows)
    before = mode(fd)
    os.write(may_go, b"x")
    return pid, fd, before

def until(fd, pattern, seconds=30):
    text, end = b"", time.time() + seconds
    while not re.search(pattern, text):
        if time.time() > end or not select.select([fd], [], [], max(0, end - time.time()))[0]:
            sys.exit(f"no {pattern} in {text}")
        text += os.read(fd, 4096)
    return text

def mode(fd):
    return termios.tcgetattr(fd)[:4]

pid, fd, before = session(["/probe", "tty"])
os.kill(pid, signal.SIGWINCH)
until(fd, rb"size 132x43")
if mode(fd) == before:
    sys.exit("the terminal is not raw")
size(fd, 70, 20)
os.kill(pid, signal.SIGWINCH)
until(fd, rb"size 70x20")
os.write(fd, b"x\r")
until(fd, rb"bye")
time.sleep(0.5)
if mode(fd) != before:
    sys.exit("the terminal was not brought back")
_, status = os.waitpid(pid, 0)
if os.waitstatus_to_exitcode(status) != 0:
    sys.exit(f"exit code {status}")

pid, fd, _ = session(["/probe", "tty"])
until(fd, rb"size \d+x\d+")
os.write(fd, b"\x03")
_, status = os.waitpid(pid, 0)
if os.waitstatus_to_exitcode(status) != 130:
    sys.exit(f"Ctrl-C did not reach the command: {os.waitstatus_to_exitcode(status)}")

pid, fd, before = session(["/probe", "tty"])
until(fd, rb"size \d+x\d+")
os.kill(pid, signal.SIGTERM)
_, status = os.waitpid(pid, 0)
if os.waitstatus_to_exitcode(status) != 130:
    sys.exit(f"SIGTERM: {os.waitstatus_to_exitcode(status)}")
END
