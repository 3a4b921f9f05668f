# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The limit of requests that a process works on at a time."""

import queue
from collections.abc import Callable, Iterable
from typing import Any, Final

AT_ONCE: Final = 80
"""Requests of one process; most of the time they wait for the database or the broker.

Only 12 may wait for the broker, so reads are still answered.
"""


class Turns:
    """WSGI middleware: ``AT_ONCE`` requests have a turn, the others wait.

    gunicorn has a thread for each client (minova.wsgi.patient_worker). A thread that
    waits for a slow client, to read the body or to send the answer, holds no turn.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        # A queue in C: threading.Semaphore is written in Python, and takes 2 % of a
        # show (measured).
        self._turns: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(AT_ONCE):
            self._turns.put(None)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        self._turns.get()
        try:
            return self._app(environ, start_response)
        finally:
            self._turns.put(None)
