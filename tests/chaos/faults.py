# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which faults hit a site, when, and for how long. A seed decides all of it."""

import dataclasses
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from tests.chaos.sites import Site

Fault = Callable[[Site], Any]


def _mariadb(do: str) -> Fault:
    return lambda site: getattr(site.mariadb, do)()


_ANYWHERE: Final[dict[str, Fault]] = {
    "n-api worker killed": lambda site: site.kill_api_worker(0),
    "n-api killed": lambda site: site.cluster.kill_api(),
    "n-cpu worker killed": lambda site: site.kill_host_worker(),
    "n-cpu killed": lambda site: site.cluster.kill_host(),
    "n-cpu stopped": lambda site: site.cluster.stop_host(),
    "broker killed": lambda site: site.broker.kill(),
    "broker stopped": lambda site: site.broker.stop(),
    "broker frozen": lambda site: site.broker.freeze(),
    "broker's connections cut": lambda site: site.broker.cut_connections(),
    "libvirtd killed": lambda site: site.hypervisor.kill(),
    "libvirtd frozen": lambda site: site.hypervisor.freeze(),
}
_ON: Final[dict[str, dict[str, Fault]]] = {
    "mysql": {
        "MariaDB killed": _mariadb("kill"),
        "MariaDB stopped": _mariadb("stop"),
        "MariaDB frozen": _mariadb("freeze"),
    },
    "sqlite": {"SQLite locked": lambda site: site.lock_sqlite()},
}
_NOT_LONG: Final = frozenset(
    {"n-api worker killed", "n-cpu worker killed", "broker's connections cut"}
)
"""Faults that end by themselves."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outage:
    """A fault, from its start until all services were back (``time.time()``)."""

    fault: str
    began: float
    ended: float


class Trouble:
    """A thread that causes one fault after another."""

    def __init__(self, site: Site, seed: int, database: str, every: float) -> None:
        """Start the thread.

        Args:
            every: maximum number of seconds between a service coming back and the next
                fault.
        """
        self.outages: list[Outage] = []
        self.error: Exception | None = None
        self._site = site
        self._choose = random.Random(seed)
        self._faults = _ANYWHERE | _ON[database]
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> list[Outage]:
        """Stop causing faults and bring everything back."""
        self._ended.set()
        self._thread.join()
        if self.error is not None:
            raise self.error
        return self.outages

    def _run(self) -> None:
        try:
            while not self._ended.wait(self._choose.uniform(1, self._every)):
                self._strike()
        except Exception as error:
            self.error = error

    def _strike(self) -> None:
        fault = self._choose.choice(sorted(self._faults))
        lasts = 0.0 if fault in _NOT_LONG else self._choose.uniform(0.2, 6)
        began = time.time()
        self._faults[fault](self._site)
        self._ended.wait(lasts)
        if fault == "broker frozen":
            self._site.broker.thaw()
        self._site.heal()
        self.outages.append(Outage(fault, began, time.time()))
