# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Many clients that pause and unpause, whatever they are answered."""

import dataclasses
import random
import threading
import time

import requests

from tests.chaos.sites import Site


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A request and its answer.

    Attributes:
        at: when the answer came, in seconds of ``time.time()``.
        status: None when there was no answer.
    """

    server_id: str
    action: str
    at: float
    took: float
    status: int | None
    request_id: str | None


class Load:
    """Threads that each ask for an action of a server at random, evenly spread."""

    def __init__(self, site: Site, seed: int, rate: float, threads: int) -> None:
        """Begin to ask.

        Args:
            rate: requests in a second, of all threads together.
        """
        self.asked: list[Asked] = []
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
        return sum(asked.status == 202 for asked in list(self.asked))

    def _run(self, seed: int) -> None:
        choose = random.Random(seed)
        session = requests.Session()
        session.headers["X-Auth-Token"] = "admin"
        time.sleep(choose.uniform(0, self._pause))
        next_at = time.monotonic()
        while not self._ended.is_set():
            server_id = choose.choice(self._servers)
            action = choose.choice(("pause", "unpause"))
            asked = self._ask(session, server_id, action)
            if asked.status == 409:
                # It is what is asked for, or busy: the other action may find it ready.
                self.asked.append(asked)
                action = "unpause" if action == "pause" else "pause"
                asked = self._ask(session, server_id, action)
            self.asked.append(asked)
            next_at = max(next_at + self._pause, time.monotonic() - self._pause)
            self._ended.wait(max(0.0, next_at - time.monotonic()))

    def _ask(self, session: requests.Session, server_id: str, action: str) -> Asked:
        began = time.monotonic()
        status = request_id = None
        try:
            answer = session.post(
                f"{self._url}/v2.1/servers/{server_id}/action",
                json={action: None},
                timeout=60,
            )
            status = answer.status_code
            request_id = answer.headers.get("x-openstack-request-id")
        except (
            requests.ConnectionError,
            requests.Timeout,
            # The worker was killed between the head of its answer and the body.
            requests.exceptions.ChunkedEncodingError,
        ):
            status = request_id = None
        took = time.monotonic() - began
        return Asked(server_id, action, time.time(), took, status, request_id)
