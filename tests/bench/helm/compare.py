"""The life of a release with helm and with lotse: the same objects, the same server, turn about.

The chart is what lotse renders of its built-in template `service`, with helm's name of the release in it. Replicas are
zero: what starts pods is the same for both, and would only be noise. Requests are counted by a proxy in another run."""
import concurrent.futures, os, pathlib, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from api import Api, CountingProxy
from measure import medians, peak, spawn

lotse, helm, namespace = sys.argv[1], sys.argv[2], os.environ["LOTSE_TEST_NAMESPACE"]
releases, runs = int(os.environ.get("RELEASES", "200")), int(os.environ.get("RUNS", "9"))
goal, work = 3, pathlib.Path.cwd()
environment = {**os.environ, "HELM_CACHE_HOME": str(work / "helm"), "HELM_CONFIG_HOME": str(work / "helm"),
               "HELM_DATA_HOME": str(work / "helm")}


def service(name, text):
    return ["run", "service", "--name", name, "--image", "registry.example/web:1", "--replicas", "0", "--env", f"TEXT={text}"]


def make_chart(text):
    name = "name-of-the-release"
    rendered = subprocess.run([lotse, *service(name, text), "--dry-run"], check=True, capture_output=True, text=True).stdout
    folder = work / f"chart-{text}"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: service\nversion: 1.0.0\n")
    (folder / "templates/all.yaml").write_text(rendered.replace(name, "{{ .Release.Name }}").replace("managed-by: lotse", "managed-by: helm"))
    return str(folder)


charts = {text: make_chart(text) for text in ("one", "two")}

# Each is (what comes before, what is measured), of a release of its own each time.
helms = {
    "install": (lambda n: [], lambda n: ["install", n, charts["one"]]),
    "upgrade, unchanged": (lambda n: [["install", n, charts["one"]]], lambda n: ["upgrade", n, charts["one"]]),
    "upgrade, a change": (lambda n: [["install", n, charts["one"]]], lambda n: ["upgrade", n, charts["two"]]),
    "rollback": (lambda n: [["install", n, charts["one"]], ["upgrade", n, charts["two"]]], lambda n: ["rollback", n, "1"]),
    f"list of {releases}": (lambda n: [], lambda n: ["list", "--max", "1000"]),
}
apply = lambda n, text: [*service(n, text), "--detach"]
lotses = {
    "install": (lambda n: [], lambda n: apply(n, "one")),
    "upgrade, unchanged": (lambda n: [apply(n, "one")], lambda n: apply(n, "one")),
    "upgrade, a change": (lambda n: [apply(n, "one")], lambda n: apply(n, "two")),
    "rollback": (lambda n: [apply(n, "one"), apply(n, "two")], lambda n: ["rollback", n, "--to", "1"]),
    f"list of {releases}": (lambda n: [], lambda n: ["list"]),
}
programs = {"helm": (helm, helms, ["uninstall"]), "lotse": (lotse, lotses, ["delete"])}


def run(program, words):
    done = subprocess.run([program, *words], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (program, words, done.stdout, done.stderr)


class Trial:
    """One step of one program, each time with a release that is made for it and taken away afterwards."""

    def __init__(self, program, what):
        self.program, steps, self.away = programs[program]
        self.before, self.step = steps[what]
        self.name, self.made = f"{program}-{''.join(filter(str.isalpha, what))}", 0

    def once(self, measured):
        self.made += 1
        name = f"{self.name}-{self.made}"
        for words in self.before(name):
            run(self.program, words)
        found = measured([self.program, *self.step(name)])
        if not self.step(name)[0].startswith("list"):
            run(self.program, [*self.away, name])
        return found


def compare(proxy, proxied, what):
    trials = {name: Trial(name, what) for name in programs}
    times = {name: [] for name in programs}
    for _ in range(runs):
        for name, trial in trials.items():
            times[name].append(trial.once(lambda command: spawn(command, (0,), environment)))
    rows = []
    for name, trial in trials.items():
        requests = len(trial.once(lambda command: proxy.asked_by(command, (0,), proxied)))
        memory = trial.once(lambda command: peak(command, (0,), environment))
        rows.append([*medians(times[name]), requests, memory])
    print("%-20s" % what + "".join("%9.0f%8.0f%7.1fx" % (theirs, ours, theirs / ours) for theirs, ours in zip(*rows)) +
          ("   met" if rows[0][0] >= goal * rows[1][0] else "   MISSED"), flush=True)


def fill(program):
    _, steps, _ = programs[program]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda i: run(programs[program][0], steps["install"][1](f"{program}-{i:03}")), range(releases)))


api = Api()
proxy = CountingProxy(api)
proxy.write_kubeconfig(work / "proxied", namespace)
proxied = {**environment, "KUBECONFIG": str(work / "proxied")}
print(subprocess.run([helm, "version", "--short"], capture_output=True, text=True).stdout.strip())
print("%-20s" % "" + "".join("%24s" % text for text in ("ms", "processor ms", "requests", "peak MB")))
print("%-20s" % "" + "%9s%8s%8s" % ("helm", "lotse", "") * 4 + f"   {goal} times as fast")
for what in helms:
    if what.startswith("list"):
        for program in programs:
            fill(program)
    compare(proxy, proxied, what)
