# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures how pause, show and list grow with servers and with concurrent clients.

From the checkout, as root, on a machine where ``run_tests.sh`` has run once, after
``make venv EXTRAS=dev,libvirt,mysqlclient``::

    .venv/bin/python benchmarks/growth.py --json docs/growth.json

It starts a RabbitMQ, a MariaDB, n-api and one n-cpu with the fake driver.  It touches
nothing else.  The servers that are paused are really created.  The others are inserted
with the history of a server.  All clients are threads of this process, on the same
machine, so each figure includes their own work.
"""

import argparse
import concurrent.futures
import contextlib
import dataclasses
import itertools
import json
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Final

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks.figures import measuring
from benchmarks.sites.growing import Client, Site
from tests import real_mariadb, real_servers


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        servers: numbers of servers.  There are at least as many as clients, because
            each client has its own.
        clients: numbers of concurrent clients.
        seconds: how long each figure is measured.
    """

    servers: tuple[int, ...] = (100, 1_000, 10_000)
    clients: tuple[int, ...] = (1, 8, 32, 128)
    seconds: float = 5


SMALL: Final = Sizes(servers=(2, 20), clients=(1, 4), seconds=0.2)
"""A run of a few seconds, which tests that each figure can be measured."""


@dataclasses.dataclass(frozen=True)
class Figure:
    """The result of one operation by concurrent clients.

    Attributes:
        p50: milliseconds, like ``p99``.
        rate: operations a second of all clients together.
    """

    operation: str
    servers: int
    clients: int
    p50: float
    p99: float
    rate: float


Operation = Callable[[Client, str], float]


def pause(client: Client, server_id: str) -> float:
    """Pause and unpause.  Return the seconds from the POST until a GET shows PAUSED."""
    began = time.perf_counter()
    client.ask("POST", f"/servers/{server_id}/action", {"pause": None})
    client.wait_for(server_id, "PAUSED", 0)
    took = time.perf_counter() - began
    client.ask("POST", f"/servers/{server_id}/action", {"unpause": None})
    client.wait_for(server_id, "ACTIVE", 0)
    return took


def show(client: Client, server_id: str) -> float:
    return _seconds_of_get(client, f"/servers/{server_id}")


def list_(client: Client, _server_id: str) -> float:
    return _seconds_of_get(client, "/servers/detail?limit=50")


def _seconds_of_get(client: Client, path: str) -> float:
    began = time.perf_counter()
    client.ask("GET", path)
    return time.perf_counter() - began


OPERATIONS: Final[dict[str, Operation]] = {
    "pause": pause,
    "show": show,
    "list of 50": list_,
}


def measure(sizes: Sizes) -> Iterator[Figure]:
    """Yield each figure as soon as it is measured."""
    most = max(sizes.clients)
    created: list[str] = []
    with _site() as site:
        port = site.cluster.port
        for servers, clients in itertools.product(sizes.servers, sizes.clients):
            there = max(servers, clients)
            if there > site.servers:
                # Create the servers that clients need, and insert the others.
                created += site.grow(1, there, min(there, most) - len(created))
                # Not counted: the first pauses open threads and connections.
                _at_once(pause, port, created, sizes.seconds)
            for name, operation in OPERATIONS.items():
                own = created[:clients]
                times, rate = _at_once(operation, port, own, sizes.seconds)
                yield Figure(
                    name,
                    servers,
                    clients,
                    p50=round(statistics.median(times), 2),
                    p99=round(measuring.p99(times), 2),
                    rate=round(rate, 2),
                )


@contextlib.contextmanager
def _site() -> Iterator[Site]:
    with (
        real_mariadb.mariadb() as mariadb,
        real_servers.rabbitmq() as broker,
        tempfile.TemporaryDirectory(prefix="minova-growth-") as folder,
    ):
        site = Site(pathlib.Path(folder), broker, mariadb)
        try:
            yield site
        finally:
            site.stop()


def _at_once(
    operation: Operation, port: int, servers: list[str], seconds: float
) -> tuple[list[float], float]:
    """Run with a client for each server.  Return each time in ms, and the rate."""
    began = time.perf_counter()

    def work(server_id: str) -> list[float]:
        client = Client(port)
        times: list[float] = []
        while not times or time.perf_counter() < began + seconds:
            times.append(operation(client, server_id) * 1000)
        return times

    with concurrent.futures.ThreadPoolExecutor(len(servers)) as clients:
        times = [each for found in clients.map(work, servers) for each in found]
    return times, len(times) / (time.perf_counter() - began)


def print_table(figures: list[Figure]) -> None:
    """Print a Markdown table with a column for each number of clients."""
    cells: dict[str, list[str]] = {}
    for each in sorted(
        figures, key=lambda each: list(OPERATIONS).index(each.operation)
    ):
        cells.setdefault(f"{each.operation}, {each.servers:,} servers", []).append(
            f"{each.p50:.1f} / {each.p99:.0f} ms, {each.rate:.0f}/s"
        )
    heads = dict.fromkeys(f"{each.clients} at once" for each in figures)
    print(f"| p50 / p99, a second | {' | '.join(heads)} |")
    print("|---" * (len(heads) + 1) + "|")
    for name, row in cells.items():
        print(f"| {name} | {' | '.join(row)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=Sizes.seconds)
    parser.add_argument("--small", action="store_true", help="a short test run")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    facts = measuring.facts()
    figures = []
    for figure in measure(SMALL if options.small else Sizes(seconds=options.seconds)):
        print(figure, file=sys.stderr)
        figures.append(figure)
    print("".join(f"{name}: {value}\n" for name, value in facts.items()))
    print_table(figures)
    if options.json is not None:
        rows = [dataclasses.asdict(figure) for figure in figures]
        document = {"facts": facts, "figures": rows}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
