"""What one command costs, and how long several take turn about."""
import os, statistics, tempfile, time


def spawn(command, codes=(0,), environment=None):
    """Its whole output read, its end awaited: ms, ms of processor time."""
    begun = time.perf_counter()
    reading, writing = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
    child = os.posix_spawnp(command[0], command, environment or os.environ, file_actions=actions)
    os.close(writing)
    while os.read(reading, 1 << 20):
        pass
    os.close(reading)
    _, status, usage = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) in codes, (os.waitstatus_to_exitcode(status), command)
    return (time.perf_counter() - begun) * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def peak(command, codes=(0,), environment=None):
    """MB. The kernel counts the parent's memory before exec as the child's, so the parent must be a small one."""
    with tempfile.NamedTemporaryFile("r") as measured:
        spawn(["/usr/bin/time", "-o", measured.name, "-f", "%M", *command], codes, environment)
        return int(measured.read().split()[-1]) / 1024


def medians(measured):
    """Of rows of figures: the median of each column."""
    return [statistics.median(column) for column in zip(*measured)]


def turn_about(commands, times, codes=(0,)):
    """{name: (median ms, median ms of processor time)}."""
    rows = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            rows[name].append(spawn(command, codes))
    return {name: medians(rows[name]) for name in commands}
