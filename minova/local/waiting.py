# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers that are late keep nobody waiting but their own client."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Waiting:
    """Gives the WSGI server a thread more for each answer that is late.

    Attributes:
        set_more: is told how many more threads the server is to have.
    """

    def __init__(self) -> None:
        self.set_more: Callable[[int], None] = lambda _more: None
        self._late = 0
        self._lock = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._late += more
            self.set_more(self._late)
