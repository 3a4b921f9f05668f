# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures minova's speed, compared with the hypervisor and web server alone.

From the checkout, as root, on a machine where ``run_tests.sh`` has run once, after
``make venv EXTRAS=dev,libvirt,mysqlclient``::

    .venv/bin/python benchmarks/bench.py --json new.json
    .venv/bin/python benchmarks/compare.py old.json new.json

It starts a RabbitMQ, a database, a libvirtd with small QEMU guests, n-api and n-cpu,
with DEBUG logs.  It touches nothing else.  Machines differ, and even one machine is not
always equally fast.  So compare the multiples of the two yardsticks, which are measured
in the same run.  The yardsticks are ``virDomainSuspend`` alone, on the same guest, and
a Falcon resource that answers ``{}`` under gunicorn's own worker for threads.
"""

import argparse
import dataclasses
import json
import pathlib
import sys
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks.figures import bench_rows, measuring
from benchmarks.figures.measuring import Figure
from benchmarks.sites import one_host
from tests import real_servers


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        rounds: the number of pauses and lists that run one after the other. There are
            ten times as many shows.
        seconds: how long each rate is measured.
        guests: the number of QEMU guests that are paused at once.
        servers: the number of servers on libvirt's test driver.
        clients: the number of clients that pause these servers at once.
        starts: how often each daemon is started.
    """

    rounds: int = 200
    seconds: float = 60
    guests: int = 10
    servers: int = 200
    clients: int = 32
    starts: int = 3


SMALL = Sizes(rounds=4, seconds=0.2, guests=2, servers=3, clients=2, starts=1)
"""A run of a few seconds, which tests that each row can be measured."""


def measure(database: str, sizes: Sizes) -> list[Figure]:
    """Measure every row."""
    found: list[Figure] = []
    with real_servers.rabbitmq() as broker:
        with one_host.site(broker, database, sizes.guests, guests=True) as (
            site,
            uri,
        ):
            found += bench_rows.pauses(site, uri, sizes.rounds)
            found += bench_rows.pauses_at_once(site, max(1, sizes.rounds // 20))
            found += bench_rows.watched_pauses(site, sizes.rounds)
        with (
            one_host.empty_app() as empty,
            one_host.site(broker, database, sizes.servers, guests=False) as (
                site,
                _,
            ),
        ):
            found += bench_rows.shows(site, empty, sizes.rounds, sizes.seconds)
            found += bench_rows.lists(site, max(2, sizes.rounds // 4), sizes.seconds)
            found += bench_rows.rate_of_actions(site, sizes.clients, sizes.seconds)
            found += bench_rows.starts(site, sizes.starts)
    return found


def report(found: list[Figure]) -> list[dict[str, Any]]:
    """Return the figures with their ratios, as they are printed and stored."""
    yardsticks = {figure.name: figure.value for figure in found}
    return [
        {
            **dataclasses.asdict(figure),
            "ratio": figure.value / yardsticks[figure.of] if figure.of else None,
        }
        for figure in found
    ]


def show(rows: list[dict[str, Any]]) -> None:
    """Print the rows as a Markdown table."""
    print("| | value | in yardsticks | target |\n|---|---|---|---|")
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f} of {row['of']}"
        aim = "" if row["aim"] is None else f"{row['aim']:g}"
        print(f"| {row['name']} | {row['value']:.2f} {row['unit']} | {ratio} | {aim} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=("sqlite", "mysql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=Sizes.rounds)
    parser.add_argument("--seconds", type=float, default=Sizes.seconds)
    parser.add_argument("--small", action="store_true", help="a short test run")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    sizes = Sizes(rounds=options.rounds, seconds=options.seconds)
    facts = measuring.facts() | {"database": options.database}
    rows = report(measure(options.database, SMALL if options.small else sizes))
    print("".join(f"{name}: {value}\n" for name, value in facts.items()))
    show(rows)
    if options.json is not None:
        document = {"facts": facts, "figures": rows}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
