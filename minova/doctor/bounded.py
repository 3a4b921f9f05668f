# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Looks that may hang, side by side, on threads that nobody has to wait for."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

LIMIT: Final = 4.0
"""Seconds for each look: a database or a broker that is well needs a few ms."""


class Late(Exception):
    """It did not come back in time."""


def run(looks: Mapping[str, Callable[[], Any]], limit: float = LIMIT) -> dict[str, Any]:
    """What each look returns, or the error it raised; ``Late`` for one that hangs.

    A call that hangs in a library cannot be ended: its thread ends with the process.
    """
    found: dict[str, Any] = {}

    def look(name: str, function: Callable[[], Any]) -> None:
        try:
            found[name] = function()
        except Exception as error:  # handed on to whoever asked
            found[name] = error

    threads = [
        threading.Thread(target=look, args=each, daemon=True) for each in looks.items()
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return {name: found.get(name, Late()) for name in looks}
