# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Many clients that ask for this and that, whatever they are answered."""

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
"""It can be restored: the site defers deletes."""
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
"""What is asked for, and of servers in which state."""
_RESIZES: Final = _ALL | {
    "resize": "active",
    "confirmResize": "resized",
    "revertResize": "resized",
}
_FLAVORS: Final = ("1", "42")
"""A resize to the one that the server has is a 400."""
_VALUE: Final[dict[str, Any]] = {
    "reboot": {"type": "HARD"},
    "rebuild": {"imageRef": TICK},
}
# Also where a rebuild failed and there is no guest.
_LEADS_OUT: Final = {"error": "rebuild"}


ACCEPTED: Final = frozenset({202, 204})


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A request and its answer.

    Attributes:
        at: when the answer came, in seconds of ``time.time()``.
        status: None when there was no answer.
        vm_state: of the server, where it is the reason of a 409.
    """

    server_id: str
    action: str
    at: float
    took: float
    status: int | None
    request_id: str | None
    vm_state: str | None


class Load:
    """Threads that each ask for an action of a server at random, evenly spread.

    Some servers are paused and unpaused only, for what their guests do can be counted
    to the last; the others are asked for more, and some of them for all that there is.
    """

    def __init__(self, site: Site, seed: int, rate: float, threads: int) -> None:
        """Begin to ask.

        Args:
            rate: requests in a second, of all threads together.
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
        """Let every request have its answer; all of them."""
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
                # What it is ready for, if it is not busy.
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
            # The worker was killed between the head of its answer and the body.
            requests.exceptions.ChunkedEncodingError,
        ):
            status = request_id = None
        took = time.monotonic() - began
        return Asked(server_id, action, time.time(), took, status, request_id, vm_state)
