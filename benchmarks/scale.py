# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What many hosts and many servers cost: 200 and 20,000 on one machine.

From the checkout, as root, on a machine where ``run_tests.sh`` has run once::

    /opt/stack/minova-test/test-venv/bin/python benchmarks/scale.py

It brings a RabbitMQ, a MariaDB, n-api and compute hosts of its own, whose hypervisor is
a dictionary; nothing else is touched.  Ten hosts are n-cpu as it is, from which the
cost of an idle host is taken; the others are services inside a few processes.  Some
servers are really created, the others inserted with the history of a server.  It is
measured as both grow, and ends with 1 if pause or show grew with them.
"""

import argparse
import collections
import dataclasses
import functools
import itertools
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, Final

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks.scale_site import REAL_HOSTS, Site
from tests import processes, real_mariadb, real_servers

STAGES: Final = ((1, 100, 10), (20, 2_000, 90), (200, 20_000, 400))
"""Hosts, servers, and how many more of these are really created."""
IDLE: Final = 60
"""Seconds."""
AT_MOST: Final = 2
"""Times that pause and show may grow while servers grow 200 times."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def measure(site: Site, created: list[str], rounds: int) -> dict[str, float]:
    """What requests take now; milliseconds, the median of each.

    Together with each other one, the request of the yardstick is sent: n-api answers it
    by itself, so that it tells how fast the machine is just then.
    """
    client = site.client
    # On a host that is n-cpu itself, as all would be.
    one = client.create("full-1")
    client.wait_for(one, "ACTIVE")
    taken: dict[str, list[float]] = collections.defaultdict(list)

    def time_it(name: str, call: Callable[[], object]) -> None:
        taken["yardstick"].append(milliseconds(lambda: client.ask("GET", "/")))
        taken[name].append(milliseconds(call))

    for server_id in itertools.islice(itertools.cycle(created), rounds):
        time_it("show", lambda: client.ask("GET", f"/servers/{server_id}"))  # noqa: B023
        began = time.perf_counter()
        time_it("pause, accepted", lambda: client.act(one, "pause"))
        client.wait_for(one, "PAUSED")
        taken["pause, done"].append((time.perf_counter() - began) * 1000)
        client.act(one, "unpause")
        client.wait_for(one, "ACTIVE")
    for _ in range(rounds // 2):
        fresh: list[str] = []
        time_it("create, accepted", lambda: fresh.append(client.create()))  # noqa: B023
        client.wait_for(fresh[0], "ACTIVE")
        client.ask("DELETE", f"/servers/{fresh[0]}")
    for limit in (10, 100, 1000):
        path = f"/servers/detail?all_tenants=1&limit={limit}"
        if len(client.ask("GET", path)["servers"]) == limit:
            for _ in range(10):
                call = functools.partial(client.ask, "GET", path)
                time_it(f"list of {limit}", call)
    project = "/servers/detail?all_tenants=1&project_id=project-0&limit=50"
    for _ in range(10):
        time_it("list of 50 of a project's", lambda: client.ask("GET", project))
    client.ask("DELETE", f"/servers/{one}")
    return {name: statistics.median(values) for name, values in taken.items()}


def milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


@dataclasses.dataclass
class Cost:
    """What some processes cost: MiB (PSS), and seconds of CPU in a minute."""

    memory: float
    cpu: float


def idle_costs(site: Site) -> dict[str, Cost]:
    """Of each part of the site, while nobody asks for anything."""
    cluster = site.cluster
    parts = {
        "n-cpu": [
            pid
            for number in range(1, min(site.hosts, REAL_HOSTS) + 1)
            for pid in cluster.host_processes(f"full-{number}")
        ],
        "n-api": cluster.api_processes(),
        "MariaDB": processes.family(site.mariadb.pid),
        "RabbitMQ": processes.family(site.broker.pid),
    }
    before = {name: cpu_seconds(pids) for name, pids in parts.items()}
    time.sleep(IDLE)
    return {
        name: Cost(
            memory=sum(pss(pid) for pid in pids),
            cpu=(cpu_seconds(pids) - before[name]) * 60 / IDLE,
        )
        for name, pids in parts.items()
    }


def cpu_seconds(pids: list[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
        ticks += sum(int(field) for field in fields.split()[11:13])
    return ticks / _TICKS


def pss(pid: int) -> float:
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return (
        int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    )


def table_sizes(site: Site) -> float:
    """MiB of tables and indexes."""
    found = site.mariadb.sql(
        "SELECT sum(data_length + index_length) / 1048576 FROM"
        " information_schema.tables WHERE table_schema = 'minova'"
    )
    return float(found)


def show(stages: list[dict[str, Any]]) -> bool:
    """Print the result as tables; whether pause and show stayed as they were."""
    heads = [f"{each['hosts']} hosts, {each['servers']} servers" for each in stages]
    print(f"| median, and in yardsticks | {' | '.join(heads)} | grew by |")
    print("|---" * (len(heads) + 2) + "|")
    flat = True
    for name in stages[-1]["taken"]:
        words, ratios = [], []
        for each in stages:
            took = each["taken"].get(name)
            if took is None:
                words.append("")
                continue
            ratios.append(took / each["taken"]["yardstick"])
            words.append(f"{took:.1f} ms, {ratios[-1]:.1f}")
        grew = ratios[-1] / ratios[0]
        if name.startswith(("pause", "show")):
            flat = flat and grew < AT_MOST
        print(f"| {name} | {' | '.join(words)} | {grew:.1f} |")
    print(f"\n| idle | {' | '.join(heads)} |")
    print("|---" * (len(heads) + 1) + "|")
    for name in stages[0]["idle"]:
        costs = [each["idle"][name] for each in stages]
        words = " | ".join(f"{c.memory:.0f} MiB, {c.cpu:.2f} s/min" for c in costs)
        print(f"| {name} | {words} |")
    sizes = " | ".join(f"{each['tables']:.0f} MiB" for each in stages)
    print(f"| tables | {sizes} |")
    last = stages[-1]
    share = last["idle"]["n-cpu"]
    real = min(last["hosts"], REAL_HOSTS)
    print(
        f"\nAn idle host: {share.memory / real:.1f} MiB (PSS),"
        f" {share.cpu / real:.2f} s of CPU in a minute"
    )
    return flat


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--stages", type=int, default=len(STAGES))
    options = parser.parse_args()
    stages = []
    with (
        real_mariadb.mariadb() as mariadb,
        real_servers.rabbitmq() as broker,
        tempfile.TemporaryDirectory(prefix="minova-scale-") as folder,
    ):
        site = Site(pathlib.Path(folder), broker, mariadb)
        created: list[str] = []
        try:
            for hosts, servers, create in STAGES[: options.stages]:
                began = time.monotonic()
                created += site.grow(hosts, servers, create)
                print(
                    f"{hosts} hosts, {servers} servers: there after "
                    f"{time.monotonic() - began:.0f} s",
                    file=sys.stderr,
                )
                stages.append(
                    {
                        "hosts": hosts,
                        "servers": servers,
                        "taken": measure(site, created, options.rounds),
                        "idle": idle_costs(site),
                        "tables": table_sizes(site),
                    }
                )
        finally:
            site.stop()
    sys.exit(0 if show(stages) else 1)


if __name__ == "__main__":
    main()
