# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs looks that may hang, in parallel, on threads that nothing must wait for."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

LIMIT: Final = 4.0
"""Seconds for each look. A healthy database or broker answers in a few ms."""


class Late(Exception):
    """A look did not return in time."""


def run(looks: Mapping[str, Callable[[], Any]], limit: float = LIMIT) -> dict[str, Any]:
    """Return what each look returned or raised, or ``Late`` if it hangs.

    Nothing can stop a call that hangs in a library: its thread ends with the process.
    """
    found: dict[str, Any] = {}

    def look(name: str, function: Callable[[], Any]) -> None:
        try:
            found[name] = function()
        except Exception as error:  # returned to the caller
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
