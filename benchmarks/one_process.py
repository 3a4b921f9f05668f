# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures a cloud in one process: its start, creates, pauses and resets.

Nothing else needs to run.  From the checkout, after ``make venv``::

    .venv/bin/python benchmarks/one_process.py

It also measures the cloud's processor time, which is the reliable figure on a machine
with other load.  "Seen" means seen by a client that sends GETs back to back.
"""

import argparse
import http.client
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

ROOT: Final = pathlib.Path(__file__).parents[1]
IMAGE: Final = "8cc68639-c302-441d-9aab-b493b94f7f6e"
HEADERS: Final = {"X-Auth-Token": "admin:admin", "Content-Type": "application/json"}
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Cloud:
    """A running ``minova up``, and one connection to it."""

    def __init__(self) -> None:
        """Start the cloud, and wait for its first answer."""
        command = (sys.executable, "-P", "-m", "minova")
        self.process = subprocess.Popen(
            [*command, "up", "--port", "0", "--json", "--end-with-stdin"],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        url = json.loads(self.process.stdout.readline())["url"]
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"))
        assert self.ask("GET", "/v2.1/servers") == {"servers": []}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, HEADERS)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (method, path, answer.status, text)
        return json.loads(text) if text else None

    def create(self) -> str:
        server = {"name": "bench", "imageRef": IMAGE, "flavorRef": "42"}
        created = self.ask("POST", "/v2.1/servers", {"server": server})
        server_id: str = created["server"]["id"]
        return server_id

    def act(self, server_id: str, action: str) -> None:
        self.ask("POST", f"/v2.1/servers/{server_id}/action", {action: None})

    def wait_for(self, server_id: str, status: str) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            server = self.ask("GET", f"/v2.1/servers/{server_id}")["server"]
            if server["status"] == status and not server["OS-EXT-STS:task_state"]:
                return
        raise TimeoutError(f"{server_id} is not {status} after 60 s")

    def cpu(self) -> float:
        """Return the seconds of processor time that the cloud has used."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def mebibytes(self, what: str) -> float:
        """Return the highest (``VmHWM``) or the current (``VmRSS``) memory use."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition(f"{what}:")[2].split()[0]) / 1024

    def close(self) -> None:
        self._connection.close()
        self.process.communicate()


@contextmanager
def running() -> Iterator[Cloud]:
    cloud = Cloud()
    try:
        yield cloud
    finally:
        cloud.close()


class Table:
    """Rows of milliseconds: p50 and p90 of the duration, and the mean CPU time."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, float]] = {}

    def add(self, name: str, seconds: list[float], cpu: float) -> None:
        each = sorted(second * 1000 for second in seconds)
        self.rows[name] = {
            "p50 ms": round(statistics.median(each), 1),
            "p90 ms": round(each[int(len(each) * 0.9)], 1),
            "processor ms": round(cpu * 1000 / len(each), 1),
            "times": len(each),
        }

    def measure(
        self,
        name: str,
        cloud: Cloud,
        times: int,
        timed: Callable[[], object],
        between: Callable[[], object] = lambda: None,
    ) -> None:
        """Run ``timed`` a number of times, with ``between`` after each."""
        seconds, cpu = [], 0.0
        for _ in range(times):
            before, began = cloud.cpu(), time.perf_counter()
            timed()
            seconds.append(time.perf_counter() - began)
            cpu += cloud.cpu() - before
            between()
        self.add(name, seconds, cpu)

    def show(self) -> None:
        print("| | p50 | p90 | processor | times |\n|---|---|---|---|---|")
        for name, row in self.rows.items():
            p50, p90, cpu, times = row.values()
            print(f"| {name} | {p50} ms | {p90} ms | {cpu} ms | {times} |")


def start(table: Table, times: int) -> float:
    """Time some starts.

    Return the highest MiB that a cloud used until its first answer.
    """
    seconds, cpu, most = [], 0.0, 0.0
    for _ in range(times):
        began = time.perf_counter()
        with running() as cloud:
            seconds.append(time.perf_counter() - began)
            cpu += cloud.cpu()
            most = max(most, cloud.mebibytes("VmHWM"))
    table.add("start to the first 200", seconds, cpu)
    return most


def answers(table: Table, cloud: Cloud, times: int) -> None:
    """Time the requests of one tool, one after the other."""
    made: list[str] = []

    def create() -> None:
        made.append(cloud.create())
        cloud.wait_for(made[-1], "ACTIVE")

    def delete() -> None:
        cloud.ask("DELETE", f"/v2.1/servers/{made.pop()}")

    def seen(action: str, status: str) -> None:
        cloud.act(made[0], action)
        cloud.wait_for(made[0], status)

    create()
    path = f"/v2.1/servers/{made[0]}"
    table.measure("show", cloud, times, lambda: cloud.ask("GET", path))
    table.measure(
        "pause, seen",
        cloud,
        times,
        lambda: seen("pause", "PAUSED"),
        lambda: seen("unpause", "ACTIVE"),
    )
    table.measure("create, seen ACTIVE", cloud, times, create, delete)
    delete()


def live(cloud: Cloud) -> None:
    """Create a server, run four actions, and delete it."""
    server_id = cloud.create()
    cloud.wait_for(server_id, "ACTIVE")
    for action, status in (
        ("pause", "PAUSED"),
        ("unpause", "ACTIVE"),
        ("os-stop", "SHUTOFF"),
        ("os-start", "ACTIVE"),
    ):
        cloud.act(server_id, action)
        cloud.wait_for(server_id, status)
    cloud.ask("DELETE", f"/v2.1/servers/{server_id}")


def resets(table: Table, cloud: Cloud, times: int) -> None:
    def reset() -> None:
        cloud.ask("POST", "/minova/v1/reset", {"reset": {}})

    def build_ten() -> None:
        for server_id in [cloud.create() for _ in range(10)]:
            cloud.wait_for(server_id, "ACTIVE")

    reset()
    table.measure("reset of nothing", cloud, times, reset)
    build_ten()
    table.measure("reset of ten servers", cloud, times, reset, build_ten)


def facts() -> dict[str, Any]:
    cpus = pathlib.Path("/proc/cpuinfo").read_text()
    return {
        "revision": subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        ).stdout.strip(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "model": cpus.partition("model name\t: ")[2].partition("\n")[0],
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--lives", type=int, default=1000)
    parser.add_argument("--resets", type=int, default=20)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    about, table = facts(), Table()
    memory = {"at the first 200, at most": start(table, options.starts)}
    with running() as cloud:
        answers(table, cloud, options.rounds)
        memory["before the lives"] = cloud.mebibytes("VmRSS")
        table.measure(
            "a life: six requests, five states seen",
            cloud,
            options.lives,
            lambda: live(cloud),
        )
        memory["after the lives"] = cloud.mebibytes("VmRSS")
        resets(table, cloud, options.resets)
        memory["ever"] = cloud.mebibytes("VmHWM")
    memory = {name: round(mebibytes, 1) for name, mebibytes in memory.items()}
    print(", ".join(f"{name} {value}" for name, value in about.items()), "\n")
    table.show()
    print("\n| memory | MiB |\n|---|---|")
    for name, mebibytes in memory.items():
        print(f"| {name} | {mebibytes} |")
    if options.json is not None:
        document = {"facts": about, "milliseconds": table.rows, "MiB": memory}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
