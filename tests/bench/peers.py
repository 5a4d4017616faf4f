"""What the side-by-side benchmarks share: the peers take turns in one run, so that noise hits all of them."""
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
RUNNER = str(pathlib.Path(os.environ.get("LOTSE_BIN", ROOT / "build/bin")) / "lotse-runner")


class Oracle:
    """The reference implementation's Python, and a model and a picture that both sides read."""

    def __init__(self):
        self.python = subprocess.run([ROOT / "tests/parity/oracle"], stdout=subprocess.PIPE, check=True,
                                     text=True).stdout.strip()
        self._folder = tempfile.TemporaryDirectory()
        self.folder = self._folder.name
        self.environment = {**os.environ, "YOLO_CONFIG_DIR": self.folder, "YOLO_OFFLINE": "true"}
        self.model = f"{self.folder}/yolo26n.pt"
        made = subprocess.run([self.python, ROOT / "tests/bench/model.py", self.model], stdout=subprocess.PIPE,
                              check=True, text=True, env=self.environment)
        self.picture = made.stdout.strip().splitlines()[-1]

    def command(self, script, *arguments):
        return [self.python, str(script), self.model, self.picture, *arguments]


def take_turns(peers, measure, rounds):
    """{name: [a figure each round]}; what the first round yields is thrown away: it warms the page cache."""
    figures = {name: [] for name in peers}
    for number in range(rounds + 1):
        for name, command in peers.items():
            figure = measure(command)
            if number > 0:
                figures[name].append(figure)
    return figures


def load_average():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def table(figures, unit):
    """Median, fastest and slowest of each peer."""
    for name, values in figures.items():
        print(f"{name:28} median {statistics.median(values):8.2f} {unit}   "
              f"fastest {min(values):8.2f}   slowest {max(values):8.2f}   of {len(values)}")


def ratio(figures, ours, theirs, goal):
    """theirs / ours: how many times faster we are."""
    times = statistics.median(figures[theirs]) / statistics.median(figures[ours])
    best = min(figures[theirs]) / min(figures[ours])
    print(f"{theirs} / {ours}: {times:.2f} (fastest of each: {best:.2f}); goal {goal}: "
          f"{'met' if times >= goal else 'MISSED'}")


def last_json_line(command, environment=None):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env=environment)
    return json.loads(done.stdout.strip().splitlines()[-1])
