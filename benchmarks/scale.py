# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures the cost of 200 hosts and 20,000 servers on one machine.

From the checkout, as root, on a machine where ``run_tests.sh`` has run once, after
``make venv EXTRAS=dev,libvirt,mysqlclient``::

    .venv/bin/python benchmarks/scale.py

It starts a RabbitMQ, a MariaDB, n-api and compute hosts with the fake driver, and
touches nothing else. Ten hosts are real n-cpu processes, which show the cost of an idle
host. The others are services in a few processes. Some servers are really created. The
others are inserted with the history of a server. It measures at each stage of growth.
The exit status is 1 if pause or show took twice the CPU at the last stage.
"""

import argparse
import dataclasses
import functools
import itertools
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks.figures.measuring import cpu_seconds, pss
from benchmarks.sites.growing import REAL_HOSTS, Site
from tests import processes, real_mariadb, real_servers

STAGES: Final = ((1, 100, 10), (20, 2_000, 90), (200, 20_000, 400))
"""Numbers of hosts, of servers, and of those servers that are really created."""
IDLE: Final = 60
"""Seconds for which the idle site is measured."""
AT_MOST: Final = 2
"""Limit for the growth of the CPU of pause and show, while servers grow 200 times."""


@dataclasses.dataclass
class Cost:
    """The cost of some processes: MiB (PSS), and seconds of CPU in a minute."""

    memory: float
    cpu: float


@dataclasses.dataclass
class Taken:
    """The cost of a request: milliseconds until the fastest answer, and CPU time."""

    fastest: float
    cpu: float


class Meter:
    """Measures the CPU time of all daemons for a request, without their idle work.

    On a machine with other load, this is the reliable figure.
    """

    def __init__(self, site: Site, idle: dict[str, Cost]) -> None:
        self._pids = [pid for pids in parts_of(site).values() for pid in pids]
        self._idle = sum(cost.cpu for cost in idle.values()) / 60
        self.taken: dict[str, Taken] = {}

    def measure(
        self,
        name: str,
        calls: Iterable[Callable[[], object]],
        until: Callable[[], object] = lambda: None,
    ) -> None:
        """Send requests one after the other.  ``until`` waits for the last of them."""
        before, began = cpu_seconds(self._pids), time.perf_counter()
        each = [milliseconds(call) for call in calls]
        until()
        took = time.perf_counter() - began
        cpu = cpu_seconds(self._pids) - before - self._idle * took
        self.taken[name] = Taken(min(each), cpu * 1000 / len(each))


def measure(
    site: Site, created: list[str], idle: dict[str, Cost], rounds: int
) -> dict[str, Taken]:
    """Measure the current cost of requests."""
    client, meter = site.client, Meter(site, idle)
    servers = list(itertools.islice(itertools.cycle(created), rounds))
    some = created[-rounds:]

    def later(*arguments: Any) -> Callable[[], object]:
        return functools.partial(client.ask, *arguments)

    def wait_for_all(servers: list[str], status: str) -> None:
        for one in servers:
            client.wait_for(one, status, 1)

    meter.measure("show", [later("GET", f"/servers/{one}") for one in servers])
    for action, status in (("pause", "PAUSED"), ("unpause", "ACTIVE")):
        requests = [
            later("POST", f"/servers/{one}/action", {action: None}) for one in some
        ]
        meter.measure(
            f"{action}, and a show of the result",
            requests,
            functools.partial(wait_for_all, some, status),
        )
    fresh: list[str] = []
    meter.measure(
        "create, and a show of the result",
        [lambda: fresh.append(client.create())] * rounds,
        functools.partial(wait_for_all, fresh, "ACTIVE"),
    )
    meter.measure(
        "delete", [later("DELETE", f"/servers/{one}") for one in fresh], all_are_gone
    )
    for limit in (10, 100, 1000):
        path = f"/servers/detail?all_tenants=1&limit={limit}"
        if site.servers >= limit:
            meter.measure(f"list of {limit}", [later("GET", path)] * 10)
    project = "/servers/detail?all_tenants=1&project_id=project-0&limit=50"
    meter.measure("list of 50 in one project", [later("GET", project)] * 10)
    return meter.taken


def all_are_gone() -> None:
    """Give the hosts time to delete the servers.  This does not check that they did."""
    time.sleep(5)


def milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def parts_of(site: Site) -> dict[str, list[int]]:
    """Return the processes of each part.  ``n-cpu`` has those with one host each."""
    cluster = site.cluster
    return {
        "n-cpu": [
            pid
            for number in range(1, min(site.hosts, REAL_HOSTS) + 1)
            for pid in cluster.host_processes(f"full-{number}")
        ],
        "other hosts": site.crowds(),
        "n-api": cluster.api_processes(),
        "MariaDB": processes.family(site.mariadb.pid),
        "RabbitMQ": processes.family(site.broker.pid),
    }


def idle_costs(site: Site) -> dict[str, Cost]:
    """Measure each part of the site while there are no requests."""
    parts = parts_of(site)
    before = {name: cpu_seconds(pids) for name, pids in parts.items()}
    time.sleep(IDLE)
    return {
        name: Cost(
            memory=sum(pss(pid) for pid in pids),
            cpu=(cpu_seconds(pids) - before[name]) * 60 / IDLE,
        )
        for name, pids in parts.items()
    }


def table_sizes(site: Site) -> float:
    """Return the MiB of tables and indexes."""
    found = site.mariadb.sql(
        "SELECT sum(data_length + index_length) / 1048576 FROM"
        " information_schema.tables WHERE table_schema = 'minova'"
    )
    return float(found)


def show(stages: list[dict[str, Any]]) -> bool:
    """Print the result as tables.  Return whether pause and show grew little."""
    heads = [f"{each['hosts']} hosts, {each['servers']} servers" for each in stages]
    print(f"| CPU, and the fastest answer | {' | '.join(heads)} | CPU grew by |")
    print("|---" * (len(heads) + 2) + "|")
    flat = True
    for name in stages[-1]["taken"]:
        found = [each["taken"].get(name) for each in stages]
        words = [f"{t.cpu:.1f} ms, {t.fastest:.1f} ms" if t else "" for t in found]
        known = [taken.cpu for taken in found if taken]
        grew = known[-1] / known[0]
        if name.startswith(("show", "pause", "unpause")):
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
    parser.add_argument("--stages", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--created", type=int, metavar="N", help="per stage")
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
            for stage in options.stages:
                hosts, servers, create = STAGES[stage - 1]
                create = options.created or create
                began = time.monotonic()
                created += site.grow(hosts, servers, create)
                print(
                    f"{hosts} hosts, {servers} servers: there after "
                    f"{time.monotonic() - began:.0f} s",
                    file=sys.stderr,
                )
                idle = idle_costs(site)
                stages.append(
                    {
                        "hosts": hosts,
                        "servers": servers,
                        "idle": idle,
                        "taken": measure(site, created, idle, options.rounds),
                        "tables": table_sizes(site),
                    }
                )
                show(stages[-1:])
        finally:
            site.stop()
    sys.exit(0 if show(stages) else 1)


if __name__ == "__main__":
    main()
