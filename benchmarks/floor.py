# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures the floor: how fast a pause is with minova's libraries, but without minova.

From the checkout, as root, like ``bench.py``::

    .venv/bin/python benchmarks/floor.py --database mysql

First it measures a site of minova.  Then ``bare/api.py`` and ``bare/host.py`` take the
place of n-api and n-cpu, with the same servers, guests, RabbitMQ and database.  They
call the same libraries, as minova sets them up, for the main SQL, the message, the log
lines and the libvirt calls of a pause, and do nothing else: they check nothing, and
wait without limits.  They are measured twice: the first time, they also keep two of
minova's promises (``bare/promises.py``).

A machine is not always equally fast, so there are several turns, and medians count.
"""

import argparse
import contextlib
import dataclasses
import json
import pathlib
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks.bench import Sizes
from benchmarks.figures import bench_rows, measuring
from benchmarks.figures.measuring import Figure
from benchmarks.sites import one_host
from benchmarks.sites.one_host import Client, Site
from tests import real_servers

_HERE: Final = pathlib.Path(__file__).parent
_MINOVA: Final = "minova"
_WITH_PROMISES: Final = "its libraries, with promises"
_BARE: Final = "its libraries alone"
Turn = dict[str, list[Figure]]
"""The figures of minova, and twice of its libraries, in the same order."""

SIZES: Final = Sizes(rounds=200, seconds=15)
"""For one turn, which takes three to four minutes."""


def measure(database: str, sizes: Sizes) -> Turn:
    """Measure minova, its libraries with promises, and its libraries alone."""
    found: Turn = {}
    with real_servers.rabbitmq() as broker:
        with (
            one_host.empty_app() as empty,
            one_host.site(broker, database, sizes.servers, guests=False) as (
                site,
                _,
            ),
        ):
            for name in _in_turn(site):
                found[name] = list(_of_test_driver(site, empty, sizes))
        with one_host.site(broker, database, sizes.guests, guests=True) as (
            site,
            uri,
        ):
            for name in _in_turn(site):
                found[name] += _of_guests(site, uri, sizes)
    return found


def _of_guests(site: Site, uri: str, sizes: Sizes) -> bench_rows.Figures:
    yield from bench_rows.pauses(site, uri, sizes.rounds)
    yield from bench_rows.pauses_at_once(site, max(1, sizes.rounds // 20))
    yield from bench_rows.watched_pauses(site, sizes.rounds)


def _of_test_driver(
    site: Site, empty: bench_rows.Server, sizes: Sizes
) -> bench_rows.Figures:
    yield from bench_rows.shows(site, empty, sizes.rounds, min(3, sizes.seconds))
    yield from bench_rows.rate_of_actions(site, sizes.clients, sizes.seconds)


def _in_turn(site: Site) -> Iterator[str]:
    yield _MINOVA
    _unpause(site)
    with _without_minova(site, {"BARE_PROMISES": "1"}):
        yield _WITH_PROMISES
        _unpause(site)
    with _without_minova(site, {}):
        yield _BARE


def _unpause(site: Site) -> None:
    for server_id in site.servers:
        while (server := _shown(site, server_id))["OS-EXT-STS:task_state"]:
            time.sleep(0.01)
        if server["status"] == "PAUSED":
            site.client.act(server_id, "unpause")
            site.client.wait_for(server_id, "ACTIVE", 0.01)


def _shown(site: Site, server_id: str) -> dict[str, Any]:
    server: dict[str, Any] = json.loads(site.client.get(f"/servers/{server_id}"))
    return dict(server["server"])


@contextlib.contextmanager
def _without_minova(site: Site, variables: dict[str, str]) -> Iterator[None]:
    """Let ``bare/api.py`` and ``bare/host.py`` take the place of n-api and n-cpu."""
    cluster = site.cluster
    processes = len(cluster.api_processes())
    site.client.close()
    cluster.stop_api()
    cluster.stop_host()
    usual = cluster.environment
    cluster.environment = usual | variables
    cluster.wsgi = "benchmarks.bare.api:application"
    cluster.compute_command = [sys.executable, str(_HERE / "bare" / "host.py")]
    cluster.start_host()
    cluster.start_api()
    # gunicorn listens before it starts its workers, whose CPU time is measured.
    real_servers.wait_until(
        lambda: len(cluster.api_processes()) == processes, 10, "all workers run"
    )
    site.client = Client(cluster.port)
    yield
    site.client.close()
    cluster.environment = usual


def medians(turns: list[Turn]) -> Turn:
    """Take the median of each figure."""
    return {
        name: [
            _median(same) for same in zip(*(turn[name] for turn in turns), strict=True)
        ]
        for name in turns[0]
    }


def _median(same: tuple[Figure, ...]) -> Figure:
    value = statistics.median(figure.value for figure in same)
    return dataclasses.replace(same[0], value=value)


def show(found: Turn) -> None:
    """Print a Markdown table.  Multiples of yardsticks are those of minova's run."""
    print(f"| | {' | '.join(found)} | target |\n|---|{'---|' * len(found)}---|")
    yardsticks = {figure.name: figure.value for figure in found[_MINOVA]}
    for figures in zip(*found.values(), strict=True):
        figure = figures[0]
        name = figure.name.partition(" after ")[0]
        cells = [f"{each.value:.2f} {each.unit}" for each in figures]
        aim = ""
        if figure.aim is not None:
            aim = f"{figure.aim * yardsticks.get(figure.of, 1):.2f}"
        print(f"| {name} | {' | '.join(cells)} | {aim} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=("sqlite", "mysql"), default="sqlite")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    facts = measuring.facts() | {"database": options.database}
    found = medians([measure(options.database, SIZES) for _ in range(options.turns)])
    print("".join(f"{name}: {value}\n" for name, value in facts.items()))
    show(found)


if __name__ == "__main__":
    main()
