"""The life of a release with helm and with lotse: the same objects, the same server, turn about.

The chart is what lotse renders of its built-in template `service`, under helm's name of the release. It has no pods:
what starts them is the same for both, and would only be noise. A proxy counts the requests of a run of their own."""
import concurrent.futures, os, pathlib, subprocess, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from api import Api, CountingProxy
from measure import medians, peak, spawn

lotse, helm, namespace = sys.argv[1], sys.argv[2], os.environ["LOTSE_TEST_NAMESPACE"]
releases, runs = int(os.environ.get("RELEASES", "200")), int(os.environ.get("RUNS", "9"))
pause = float(os.environ.get("PAUSE", "0.3"))
goal, work = 3, pathlib.Path.cwd()
environment = {**os.environ, **{f"HELM_{each}_HOME": str(work / "helm") for each in ("CACHE", "CONFIG", "DATA")}}
NAME = "name-of-the-release"


def service(text):
    return ["run", "service", "--name", NAME, "--image", "registry.example/web:1", "--replicas", "0", "--env", f"TEXT={text}"]


def chart(text):
    rendered = run([lotse, *service(text), "--dry-run"]).replace("managed-by: lotse", "managed-by: helm")
    (work / text / "templates").mkdir(parents=True)
    (work / text / "Chart.yaml").write_text("apiVersion: v2\nname: service\nversion: 1.0.0\n")
    (work / text / "templates/all.yaml").write_text(rendered.replace(NAME, "{{ .Release.Name }}"))
    return str(work / text)


def run(command, name=NAME):
    command = [name if word == NAME else word for word in command]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


one, two = chart("one"), chart("two")
programs = {
    "helm": {"install": [helm, "install", NAME, one], "same": [helm, "upgrade", NAME, one],
             "change": [helm, "upgrade", NAME, two], "back": [helm, "rollback", NAME, "1"],
             "list": [helm, "list", "--max", "1000"], "away": [helm, "uninstall", NAME]},
    "lotse": {"install": [lotse, *service("one"), "--detach"], "same": [lotse, *service("one"), "--detach"],
              "change": [lotse, *service("two"), "--detach"], "back": [lotse, "rollback", NAME, "--to", "1"],
              "list": [lotse, "list"], "away": [lotse, "delete", NAME]}}
rows = (("install", [], "install"), ("upgrade, unchanged", ["install"], "same"), ("upgrade", ["install"], "change"),
        ("rollback", ["install", "change"], "back"), (f"list of {releases}", [], "list"))


def once(program, before, verb, measured):
    """Measures a step of one program, of a release that is made for it and taken away afterwards."""
    name, verbs = f"{program}-measured", programs[program]
    for each in before:
        run(verbs[each], name)
    time.sleep(pause)
    found = measured([name if word == NAME else word for word in verbs[verb]])
    if verb != "list":
        run(verbs["away"], name)
    return found


def compare(proxy, proxied, what, before, verb):
    times = {program: [] for program in programs}
    for _ in range(runs):
        for program, measured in times.items():
            measured.append(once(program, before, verb, lambda command: spawn(command, (0,), environment)))
    columns = {}
    for program, measured in times.items():
        requests = once(program, before, verb, lambda command: len(proxy.asked_by(command, (0,), proxied)))
        memory = once(program, before, verb, lambda command: peak(command, (0,), environment))
        columns[program] = [*medians(measured), requests, memory]
    theirs, ours = columns["helm"], columns["lotse"]
    print("%-20s" % what + "".join("%9.0f%8.0f%7.1fx" % (a, b, a / b) for a, b in zip(theirs, ours)) +
          ("   met" if theirs[0] >= goal * ours[0] else "   MISSED"), flush=True)


def fill():
    """Both programs' releases, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for program, verbs in programs.items():
            list(pool.map(lambda number: run(verbs["install"], f"{program}-{number:03}"), range(releases)))


api = Api()
proxy = CountingProxy(api)
proxy.write_kubeconfig(work / "proxied", namespace)
proxied = {**environment, "KUBECONFIG": str(work / "proxied")}
print(run([helm, "version", "--short"]).strip())
print("%-20s" % "" + "".join("%24s" % text for text in ("ms", "processor ms", "requests", "peak MB")))
print("%-20s" % "" + "%9s%8s%8s" % ("helm", "lotse", "") * 4 + f"   {goal} times as fast")
for what, before, verb in rows:
    if verb == "list":
        fill()
    compare(proxy, proxied, what, before, verb)
