# The memory of `lotse get` does not grow with the list, in any form that is printed as it comes.
for pods in 1000 20000; do
  mkdir $pods
  cd $pods
  PODS=$pods serves team python3 "$CHECKOUT/tests/cli/api_server.py"
  cd ..
done

python3 - <<'P'
import os
def peak(pods, form):
    reading, writing = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
    child = os.posix_spawnp("lotse", ["lotse", "get", "pods", "-o", form], {**os.environ, "KUBECONFIG": f"{pods}/config"},
                            file_actions=actions)
    os.close(writing)
    lines = 0
    while piece := os.read(reading, 1 << 16):
        lines += piece.count(b"\n")
    _, status, usage = os.wait4(child, 0)
    assert status == 0 and lines >= pods, (form, status, lines)
    return usage.ru_maxrss / 1024
for form in ("table", "name", "json", "yaml"):
    few, many = peak(1000, form), peak(20000, form)
    print(f"{form}: {few:.1f} MB for 1,000 pods, {many:.1f} MB for 20,000")
    assert many < few + 4, form
P
