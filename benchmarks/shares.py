# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Shows which library's code takes the CPU time of a watched pause.

From the checkout, as root, like ``bench.py``::

    .venv/bin/python benchmarks/shares.py --database mysql

First it measures the CPU of n-api and n-cpu for pauses and unpauses of a QEMU guest,
with a GET every 50 ms.  Then py-spy samples which thread holds the interpreter in such
pauses.  A sample counts for the library whose code runs.  Python's own modules count
for their caller, but ``logging`` counts as log.  Work without the interpreter is not
sampled: SQLite's own code, libvirt's calls, system calls.  Its time is divided in the
same proportions.
"""

import argparse
import contextlib
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from typing import Final

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks.figures import measuring
from benchmarks.figures.bench_rows import watched_pauses
from benchmarks.sites import one_host
from benchmarks.sites.one_host import Site
from tests import real_servers

_TOP: Final = pathlib.Path(__file__).parents[1]
_SPY: Final = str(pathlib.Path(sys.executable).with_name("py-spy"))
_RATE: Final = "250"
"""Samples a second."""
_PATH: Final = re.compile(r" \((/[^;]*):\d+\)(?=;|$)")
_OWN: Final = "minova"
_LOG: Final = "log"
_OTHER: Final = "other libraries"
_SUBJECTS: Final = {
    "sqlalchemy": "SQL",
    "oslo_db": "SQL",
    "pymysql": "SQL",
    "MySQLdb": "SQL",
    "oslo_log": _LOG,
    "oslo_messaging": "messages",
    "oslo_serialization": "messages",
    "kombu": "messages",
    "amqp": "messages",
    "vine": "messages",
    "gunicorn": "gunicorn",
    "falcon": "Falcon, middleware, policy",
    "webob": "Falcon, middleware, policy",
    "oslo_middleware": "Falcon, middleware, policy",
    "oslo_policy": "Falcon, middleware, policy",
    "libvirt": "libvirt",
}
"""What a package is for."""
_OWN_LOG: Final = ("minova/conf/log_lines.py", "minova/masking.py")


def measure(site: Site, rounds: int, seconds: int) -> dict[str, Counter[str]]:
    """Return ms of CPU for a watched pause, by subject, for each daemon."""
    daemons = {
        "n-api": site.cluster.api_processes(),
        "n-cpu": site.cluster.host_processes(),
    }
    list(watched_pauses(site, 10))
    before = {name: measuring.cpu_seconds(pids) for name, pids in daemons.items()}
    list(watched_pauses(site, rounds))
    taken = {
        name: (measuring.cpu_seconds(pids) - before[name]) * 1000 / rounds
        for name, pids in daemons.items()
    }
    return {
        name: _scaled(subjects(stacks), taken[name])
        for name, stacks in _sample(site, daemons, seconds).items()
    }


def _sample(
    site: Site, daemons: dict[str, list[int]], seconds: int
) -> dict[str, list[str]]:
    """Pause while py-spy samples each daemon.  Return its stacks."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        spies, files = [], {}
        for name, (_parent, *workers) in daemons.items():
            files[name] = [pathlib.Path(folder) / str(pid) for pid in workers]
            for pid, file in zip(workers, files[name], strict=True):
                command = [_SPY, "record", "--pid", str(pid), "--output", str(file)]
                command += ["--gil", "--full-filenames", "--format", "raw"]
                command += ["--rate", _RATE, "--duration", str(seconds)]
                spy = subprocess.Popen(command, stdout=subprocess.DEVNULL)
                running.callback(spy.wait)
                running.callback(spy.terminate)
                spies.append(spy)
        while any(spy.poll() is None for spy in spies):
            list(watched_pauses(site, 10))
        if any(spy.returncode for spy in spies):
            raise SystemExit("py-spy could not sample the daemons")
        return {
            name: [line for file in those for line in file.read_text().splitlines()]
            for name, those in files.items()
        }


def subjects(stacks: Iterable[str]) -> Counter[str]:
    """Count samples by subject.

    Args:
        stacks: lines of py-spy's raw format: frames from the outermost to the
            innermost, and the number of samples.
    """
    found: Counter[str] = Counter()
    for line in stacks:
        frames, _, samples = line.rpartition(" ")
        paths = _PATH.findall(frames)
        found[_subject(paths)] += int(samples)
    return found


def _subject(paths: list[str]) -> str:
    for path in reversed(paths):
        if "/logging/" in path or path.endswith(_OWN_LOG):
            return _LOG
        if path.startswith(f"{_TOP}/minova/"):
            return _OWN
        package = re.search(r"/(?:site|dist)-packages/(\w+)", path)
        if package is not None:
            return _SUBJECTS.get(package[1], _OTHER)
    return _OTHER


def _scaled(samples: Counter[str], total: float) -> Counter[str]:
    every = samples.total()
    return Counter({name: n * total / every for name, n in samples.items()})


def show(found: dict[str, Counter[str]]) -> None:
    """Print the shares as a Markdown table, the largest first."""
    print("| ms of CPU | " + " | ".join(found) + " |")
    print("|---|" + "---|" * len(found))
    total = sum(found.values(), Counter())
    rows = {name: [each[name] for each in found.values()] for name in total}
    for name, values in sorted(rows.items(), key=lambda row: -sum(row[1])):
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in values) + " |")
    sums = (f"{each.total():.2f}" for each in found.values())
    print("| together | " + " | ".join(sums) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=("sqlite", "mysql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with (
        real_servers.rabbitmq() as broker,
        one_host.site(broker, options.database, 1, guests=True) as (site, _uri),
    ):
        show(measure(site, options.rounds, options.seconds))


if __name__ == "__main__":
    main()
