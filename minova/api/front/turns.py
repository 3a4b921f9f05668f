# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How many requests are worked on at a time."""

import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

AT_ONCE: Final = 80
"""In one process.  Most of their time they wait for the database or the broker.

Many more than may wait for the broker (12): reads are answered meanwhile.
"""


class Turns:
    """WSGI middleware: others wait.

    gunicorn has a thread for each client (minova.wsgi.patient_worker).  One that waits
    for a slow client, for a body or with an answer in hand, keeps no turn from others.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._turns = threading.Semaphore(AT_ONCE)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        with self._turns:
            return self._app(environ, start_response)
