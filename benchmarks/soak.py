# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Tests whether n-api and n-cpu grow during 100,000 pauses and unpauses.

From the checkout, as root, on a machine where ``run_tests.sh`` has run once, after
``make venv EXTRAS=dev,libvirt,mysqlclient``::

    .venv/bin/python benchmarks/soak.py --json soak.json

It starts a RabbitMQ, a database, n-api and n-cpu, with libvirt's test driver and DEBUG
logs.  It touches nothing else.  Pools make threads and connections when they are first
needed, so the load starts with a warm-up.  Memory, threads, descriptors and connections
of the daemons are measured after the warm-up and at the end, both without requests.

The exit status is 1, with a reason, if one of these grew, if a message is left in the
host's queue, if a server is not in the status to which its last action leads, or if too
few actions were accepted.
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import pathlib
import shutil
import sys
import tempfile
import threading
import time
from typing import Any, Final

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
from benchmarks.figures import measuring, soak_looks
from benchmarks.figures.soak_looks import Look, grown
from benchmarks.sites import one_host
from benchmarks.sites.one_host import Client, Site
from tests import real_servers

_AFTER: Final = (("ACTIVE", "pause"), ("PAUSED", "unpause"))
"""Status after an even and after an odd number of actions, and the next action."""
_LOOKS: Final = 10
"""Number of looks under load."""
_ASK_EVERY: Final = 0.02
"""Seconds that a client waits after it has seen a server with a task."""
_PATIENCE: Final = 120
"""Seconds after the last accepted action until clients give up."""
_DISK: Final = 10_000
"""Bytes of logs and database for an action: twice the measured number."""


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is done.

    Attributes:
        quiet: seconds without requests before the first and the last look.
    """

    actions: int = 100_000
    clients: int = 32
    servers: int = 200
    quiet: float = 5

    @property
    def warm_up(self) -> int:
        """The number of actions, enough to pause and unpause each server."""
        return max(self.actions // 50, 2 * self.servers)


SMALL: Final = Sizes(actions=60, clients=2, servers=4, quiet=0.2)
"""A run of a few seconds, which tests this script."""


class Soak:
    """A load on a site, and the looks at it.

    Attributes:
        looks: the first after the warm-up and the last at the end, both without load.
        refused: answers other than 200 and 202, and how often they came.
        broken: servers in a wrong status, and too few accepted actions, in words.
    """

    def __init__(self, site: Site, broker_port: int, sizes: Sizes) -> None:
        site.client.close()
        self._cluster = site.cluster
        self._broker_port = broker_port
        self._sizes = sizes
        self._done = dict.fromkeys(site.servers, 0)
        self._accepted = 0
        self._counting = threading.Lock()
        self._last_accepted = time.monotonic()
        self._looking = threading.Lock()
        self._looked = (0, time.monotonic())
        self.looks: list[Look] = []
        self.refused: collections.Counter[str] = collections.Counter()
        self.broken: list[str] = []

    def run(self) -> None:
        """Put the site under load, and print each look."""
        print(soak_looks.HEAD)
        self._load(self._sizes.warm_up)
        self._look_at_quiet()
        self._load(self._sizes.actions)
        self._look_at_quiet()
        self.broken += self._astray()
        if self._accepted < self._sizes.actions:
            self.broken.append(f"only {self._accepted} actions were accepted")

    def _load(self, until: int) -> None:
        """Send actions until ``until`` were accepted.  Wait until all are done."""
        self._last_accepted = time.monotonic()
        self._looked = (self._accepted, self._last_accepted)
        servers, clients = list(self._done), self._sizes.clients

        def work(number: int, client: Client) -> None:
            mine = servers[number::clients]
            while mine and self._accepted < until and self._is_worth_waiting():
                for server_id in mine:
                    if not self._is_there(client, server_id):
                        time.sleep(_ASK_EVERY)
                    elif self._accepted < until:
                        self._act(client, server_id)
            for server_id in mine:
                while (
                    not self._is_there(client, server_id) and self._is_worth_waiting()
                ):
                    time.sleep(_ASK_EVERY)

        one_host.at_once(clients, self._cluster.port, work)

    def _is_worth_waiting(self) -> bool:
        return time.monotonic() < self._last_accepted + _PATIENCE

    def _is_there(self, client: Client, server_id: str) -> bool:
        """Return whether a server has no task and the status of its last action."""
        text = self._ask(client, "GET", f"/servers/{server_id}")
        if text is None:
            return False
        server = json.loads(text)["server"]
        status, _next = _AFTER[self._done[server_id] % 2]
        return server["status"] == status and not server["OS-EXT-STS:task_state"]

    def _act(self, client: Client, server_id: str) -> None:
        _status, action = _AFTER[self._done[server_id] % 2]
        path = f"/servers/{server_id}/action"
        if self._ask(client, "POST", path, {action: None}) is None:
            return
        self._done[server_id] += 1
        with self._counting:
            self._accepted += 1
            self._last_accepted = time.monotonic()
            number = self._accepted
        if self.looks and number % (self._sizes.actions // _LOOKS) == 0:
            with self._looking:
                (before, then), now = self._looked, time.monotonic()
                self._looked = (number, now)
                self._look(f"{number:,}", (number - before) / (now - then))

    def _ask(
        self, client: Client, method: str, path: str, body: Any = None
    ) -> bytes | None:
        """Return the answer, or None if the request was refused."""
        status, text = client.ask(method, path, body)
        if status in {200, 202}:
            return text
        self.refused[f"{method}: {status} {text.decode()}"] += 1
        return None

    def _astray(self) -> list[str]:
        with contextlib.closing(Client(self._cluster.port)) as client:
            return [
                f"{server_id} is not where its last action leads"
                for server_id in self._done
                if not self._is_there(client, server_id)
            ]

    def _look_at_quiet(self) -> None:
        time.sleep(self._sizes.quiet)
        self._look(f"{self._accepted:,}, then quiet", None)

    def _look(self, name: str, rate: float | None) -> None:
        look = soak_looks.look(self._cluster, self._broker_port, name, rate)
        self.looks.append(look)
        print(look.row(), flush=True)


def run(database: str, sizes: Sizes) -> Soak:
    """Start a site, soak it, and print each look."""
    with (
        real_servers.rabbitmq() as broker,
        one_host.site(broker, database, sizes.servers, guests=False) as (site, _),
    ):
        soak = Soak(site, broker.port, sizes)
        soak.run()
    return soak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=("sqlite", "mysql"), default="sqlite")
    parser.add_argument("--actions", type=int, default=Sizes.actions)
    parser.add_argument("--clients", type=int, default=Sizes.clients)
    parser.add_argument("--servers", type=int, default=Sizes.servers)
    parser.add_argument("--small", action="store_true", help="a short test run")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    sizes = Sizes(options.actions, options.clients, options.servers)
    if options.small:
        sizes = SMALL
    needed, folder = sizes.actions * _DISK, tempfile.gettempdir()
    if shutil.disk_usage(folder).free < needed:
        sys.exit(f"Logs and database may take {needed / 2**30:.1f} GiB in {folder}")
    facts = measuring.facts() | {"database": options.database}
    facts |= dataclasses.asdict(sizes)
    print("".join(f"{name}: {value}\n" for name, value in facts.items()))
    soak = run(options.database, sizes)
    for text, times in soak.refused.items():
        print(f"\n{times} times {text}")
    wrong = [*grown(soak.looks[0], soak.looks[-1], sizes.clients), *soak.broken]
    if options.json is not None:
        document = {
            "facts": facts,
            "looks": [dataclasses.asdict(look) for look in soak.looks],
            "refused": soak.refused,
            "wrong": wrong,
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
