# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Many clients that send random requests and ignore errors."""

import dataclasses
import random
import re
import threading
import time
from typing import Any, Final

import requests

from tests.chaos.sites import Site
from tests.tick_image import TICK

_DELETE: Final = "delete"
"""A deleted server can be restored, because the site defers deletes."""
_PAUSES: Final = {"pause": "active", "unpause": "paused"}
_ALL: Final = _PAUSES | {
    "suspend": "active",
    "resume": "suspended",
    "os-stop": "active",
    "os-start": "stopped",
    "reboot": "active",
    "rebuild": "active",
    _DELETE: "active",
    "restore": "soft-delete",
}
"""The actions, and the server states in which they are requested."""
_RESIZES: Final = _ALL | {
    "resize": "active",
    "confirmResize": "resized",
    "revertResize": "resized",
}
_FLAVORS: Final = ("1", "42")
"""A resize to the current flavor is a 400."""
_VALUE: Final[dict[str, Any]] = {
    "reboot": {"type": "HARD"},
    "rebuild": {"imageRef": TICK},
}
# This is also the state after a failed rebuild, when there is no guest.
_LEADS_OUT: Final = {"error": "rebuild"}


ACCEPTED: Final = frozenset({202, 204})


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A request and its answer.

    Attributes:
        at: when the answer came (``time.time()``).
        status: None when there was no answer.
        vm_state: the server's state, if a 409 names it.
    """

    server_id: str
    action: str
    at: float
    took: float
    status: int | None
    request_id: str | None
    vm_state: str | None


class Load:
    """Threads that each request random actions, spread evenly over time.

    Some servers are only paused and unpaused, because every step of their guests can be
    counted. The other servers also get other actions, and some get every action.
    """

    def __init__(self, site: Site, seed: int, rate: float, threads: int) -> None:
        """Start to send requests.

        Args:
            rate: requests a second of all threads together.
        """
        self.asked: list[Asked] = []
        self._site = site
        self._url = site.cluster.url
        self._servers = list(site.watches)
        self._pause = threads / rate
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(seed + number,), daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> list[Asked]:
        """Wait for all answers and return them."""
        self._ended.set()
        for thread in self._threads:
            thread.join()
        return self.asked

    def accepted(self) -> int:
        return sum(asked.status in ACCEPTED for asked in list(self.asked))

    def _run(self, seed: int) -> None:
        choose = random.Random(seed)
        session = requests.Session()
        session.headers["X-Auth-Token"] = "admin"
        time.sleep(choose.uniform(0, self._pause))
        next_at = time.monotonic()
        while not self._ended.is_set():
            server_id = choose.choice(self._servers)
            may = self._may(server_id)
            flavor = choose.choice(_FLAVORS)
            asked = self._ask(session, server_id, choose.choice(list(may)), flavor)
            self.asked.append(asked)
            if asked.status == 409:
                # Choose an action that the state allows, if the server is not busy.
                others = [one for one in may if may[one] == asked.vm_state]
                if not others and asked.vm_state in _LEADS_OUT:
                    others = [_LEADS_OUT[asked.vm_state]]
                if others:
                    other = choose.choice(others)
                    asked = self._ask(session, server_id, other, flavor)
                    self.asked.append(asked)
            next_at = max(next_at + self._pause, time.monotonic() - self._pause)
            self._ended.wait(max(0.0, next_at - time.monotonic()))

    def _may(self, server_id: str) -> dict[str, str]:
        if self._site.is_paused_only(server_id):
            return _PAUSES
        return _RESIZES if self._site.is_resized(server_id) else _ALL

    def _ask(
        self, session: requests.Session, server_id: str, action: str, flavor: str
    ) -> Asked:
        began = time.monotonic()
        status = request_id = vm_state = None
        value = {"flavorRef": flavor} if action == "resize" else _VALUE.get(action)
        try:
            url = f"{self._url}/v2.1/servers/{server_id}"
            answer = (
                session.delete(url, timeout=60)
                if action == _DELETE
                else session.post(f"{url}/action", json={action: value}, timeout=60)
            )
            status = answer.status_code
            request_id = answer.headers.get("x-openstack-request-id")
            if found := re.search("in vm_state ([a-z-]+)", answer.text):
                vm_state = found[1]
        except (
            requests.ConnectionError,
            requests.Timeout,
            # The worker was killed after it had sent the head of its answer.
            requests.exceptions.ChunkedEncodingError,
        ):
            status = request_id = None
        took = time.monotonic() - began
        return Asked(server_id, action, time.time(), took, status, request_id, vm_state)
