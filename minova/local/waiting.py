# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Extra threads, so that a delayed answer holds up only its own client."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Waiting:
    """Counts the delayed answers.

    Attributes:
        set_more: called with the number of extra threads.
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
