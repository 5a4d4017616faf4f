#!/usr/bin/env python3
# timeout: 600
"""docs/promises.md A5: what `lotse context show --raw -o json` makes of generated kubeconfigs is what kubectl makes of them.

Each set is one to five files: missing, empty, repeated, given by relative paths, in YAML or JSON, with entries whose
names meet. A set that kubectl refuses must be refused. SETS and SEED change what is generated (`make soak`: 2,000); a set
that differs is shown. No server is asked."""
import base64
import json
import os
import random
import subprocess
import sys
import tempfile

LOTSE, KUBECTL = os.environ["LOTSE"], os.environ["KUBECTL"]
SETS, SEED = int(os.environ.get("SETS", 200)), int(os.environ.get("SEED", 1))
NAMES = ["red", "blue", "green", "a b", "gke_project_zone_name", "Grüße", "0", "true", "x/y.z", "~"]
PATHS = ["ca.pem", "./pki/ca.pem", "../up/key.pem", "a//b/../c.pem", "/etc/abs.pem", "/etc/../abs/", "sub/", "..", ""]


def text(r):
    return r.choice(["", "plain", "two words", "ünï", "yes", "0x10", "2001-01-01", "a: b #c", "line\nbreak", "'q\"", "-"])


def data(r):
    return base64.b64encode(r.randbytes(r.choice([0, 1, 2, 3, 40]))).decode()


def any_json(r, depth=0):
    kind = r.randrange(8 if depth < 3 else 5)
    if kind == 5:
        return [any_json(r, depth + 1) for _ in range(r.randrange(3))]
    if kind >= 6:
        return {r.choice(NAMES): any_json(r, depth + 1) for _ in range(r.randrange(3))}
    return [None, r.random() < 0.5, r.randrange(-5, 10**6), r.choice([0.5, 1e3, -2.25]), text(r)][kind]


def extensions(r):
    names = r.sample(NAMES, r.randrange(3))
    return [{"name": name, **({"extension": any_json(r)} if r.random() < 0.9 else {})} for name in names]


def some(r, fields, share=0.4):
    """Some of the fields; now and then null, which means absent, and one that nobody knows."""
    chosen = {}
    for name, make in fields.items():
        if r.random() < share:
            chosen[name] = None if r.random() < 0.08 else make()
    if r.random() < 0.1:
        chosen["unknown-" + r.choice("ab")] = any_json(r)
    return chosen


def cluster(r):
    return some(r, {
        "server": lambda: r.choice(["https://one:6443", "http://two/path/", "", "https://[::1]"]),
        "tls-server-name": lambda: text(r), "insecure-skip-tls-verify": lambda: r.random() < 0.5,
        "certificate-authority": lambda: r.choice(PATHS), "certificate-authority-data": lambda: data(r),
        "proxy-url": lambda: text(r), "disable-compression": lambda: r.random() < 0.5,
        "extensions": lambda: extensions(r)})


def plugin(r):
    version = "client.authentication.k8s.io/" + r.choice(["v1", "v1beta1", "v1alpha1"])
    return some(r, {
        "command": lambda: r.choice(["aws", "./bin/aws", "../aws", "/opt/aws", "bin/"]), "apiVersion": lambda: version,
        "args": lambda: [text(r) for _ in range(r.randrange(3))],
        "env": lambda: [some(r, {"name": lambda: text(r), "value": lambda: text(r)}, 0.9) for _ in range(r.randrange(3))],
        "installHint": lambda: text(r), "provideClusterInfo": lambda: r.random() < 0.5,
        "interactiveMode": lambda: r.choice(["Never", "IfAvailable", "Always", "Other"])}, 0.7)


def user(r):
    return some(r, {
        "client-certificate": lambda: r.choice(PATHS), "client-certificate-data": lambda: data(r),
        "client-key": lambda: r.choice(PATHS), "client-key-data": lambda: data(r),
        "token": lambda: text(r), "tokenFile": lambda: r.choice(PATHS), "as": lambda: text(r), "as-uid": lambda: text(r),
        "as-groups": lambda: [text(r) for _ in range(r.randrange(3))],
        "as-user-extra": lambda: {r.choice(NAMES): r.choice([None, [], ["v", ""]]) for _ in range(r.randrange(3))},
        "username": lambda: text(r), "password": lambda: text(r),
        "auth-provider": lambda: some(r, {"name": lambda: text(r), "config": lambda: {text(r): text(r)}}),
        "exec": lambda: plugin(r), "extensions": lambda: extensions(r)}, 0.25)


def context(r):
    return some(r, {"cluster": lambda: r.choice(NAMES), "user": lambda: r.choice(NAMES),
                    "namespace": lambda: r.choice(NAMES), "extensions": lambda: extensions(r)}, 0.7)


def entries(r, key, make):
    return [{"name": name, **({key: make(r)} if r.random() < 0.95 else {})}
            for name in r.sample(NAMES, r.randrange(5))]


def config(r):
    whole = some(r, {
        "apiVersion": lambda: "v1", "kind": lambda: "Config", "current-context": lambda: r.choice(NAMES + [""]),
        "clusters": lambda: entries(r, "cluster", cluster), "users": lambda: entries(r, "user", user),
        "contexts": lambda: entries(r, "context", context),
        "preferences": lambda: some(r, {"colors": lambda: r.random() < 0.5, "extensions": lambda: extensions(r)}),
        "extensions": lambda: extensions(r)}, 0.75)
    return spoil(r, whole) if r.random() < 0.06 else whole


def spoil(r, whole):
    """One mistake that the types of a kubeconfig do not allow."""
    first = {"name": "red"}
    return {**whole, **r.choice([
        {"clusters": [first, first]}, {"users": [first, {"name": "blue"}, first]}, {"contexts": [first, first]},
        {"clusters": {}}, {"users": "text"}, {"contexts": [5]}, {"clusters": [{"name": 5}]},
        {"users": [{**first, "user": {"token": 5}}]}, {"users": [{**first, "user": {"as-groups": "g"}}]},
        {"clusters": [{**first, "cluster": {"insecure-skip-tls-verify": "true"}}]},
        {"clusters": [{**first, "cluster": {"certificate-authority-data": "!"}}]},
        {"users": [{**first, "user": {"exec": {"args": {}}}}]}, {"users": [{**first, "user": []}]},
        {"extensions": [{"name": "e", "extension": 1}, {"name": "e", "extension": 2}]},
        {"kind": "Pod"}, {"apiVersion": "v2"}, {"current-context": 5}, {"preferences": "none"}])}


def block(value, indent=0):
    """Block-style YAML; scalars are written as JSON, which YAML takes."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"\n{pad}{json.dumps(key)}:" + block(each, indent + 1) for key, each in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{pad}-" + block(each, indent + 1) for each in value)
    return " " + json.dumps(value)


def write(r, path):
    kind = r.random()
    if kind < 0.15:
        return  # missing
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        if kind < 0.25:
            file.write(r.choice(["", "\n", "# nothing\n", "---\n", "{}\n", "null\n"]))
        elif kind < 0.6:
            json.dump(config(r), file, ensure_ascii=r.random() < 0.5)
        else:
            file.write(block(config(r)).lstrip("\n") + "\n")


def run(command, folder, environment):
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return (json.loads(done.stdout), "") if done.returncode == 0 else (None, done.stderr)


def compare(number):
    r = random.Random(SEED * 1_000_003 + number)
    with tempfile.TemporaryDirectory() as folder:
        paths = r.sample(["config", "sub/config", "sub/deep/er/config", ".kube/config", "other/../x"], r.randrange(1, 6))
        for path in paths:
            write(r, os.path.join(folder, path))
        listed = [path if r.random() < 0.5 else os.path.join(folder, path) for path in paths]
        if r.random() < 0.3:
            listed.insert(r.randrange(len(listed) + 1), r.choice(["", listed[0], "nowhere"]))
        environment = {"HOME": folder, "PATH": os.environ["PATH"]}
        flags = []
        there = [path for path in listed if path and os.path.exists(os.path.join(folder, path))]
        if there and r.random() < 0.15:
            flags = ["--kubeconfig=" + r.choice(there)]
        elif r.random() < 0.9:
            environment["KUBECONFIG"] = ":".join(listed)
        theirs, why = run([KUBECTL, *flags, "config", "view", "--raw", "-o", "json"], folder, environment)
        ours, our_why = run([LOTSE, "context", "show", "--raw", "-o", "json", *flags], folder, environment)
        if theirs == ours:
            return theirs is None
        print(f"set {number} differs: {listed} {flags}\nkubectl: {why or json.dumps(theirs, sort_keys=True)}\n"
              f"lotse:   {our_why or json.dumps(ours, sort_keys=True)}")
        for path in there:
            print(f"--- {path}\n" + open(os.path.join(folder, path), encoding="utf-8").read())
        return None


results = [compare(number) for number in range(SETS)]
wrong = results.count(None)
print(f"{SETS} sets: {results.count(False)} read the same, {results.count(True)} refused by both, {wrong} differ")
sys.exit(1 if wrong or results.count(False) < SETS / 2 or results.count(True) < SETS / 50 else 0)
