# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps at which a daemon waits for a test, by means of files.

One file arms a step. A thread that reaches it writes a second file and waits for a
third. The product has no code for this: the entry points in this folder wrap its
methods.
"""

import functools
import os
import pathlib
import time
from collections.abc import Callable
from typing import Any

from tests.real_servers import wait_until

FOLDER = "MINOVA_TEST_FAULT_POINTS"
"""The environment variable that names the folder of these files."""


def reach(step: str) -> None:
    """Wait here if the step is armed. Only the first thread that comes waits."""
    folder = pathlib.Path(os.environ[FOLDER])
    try:
        (folder / f"arm-{step}").rename(folder / f"reached-{step}")
    except FileNotFoundError:
        return
    while not (folder / f"go-{step}").exists():
        time.sleep(0.01)


def around(
    owner: type, method: str, *, before: str | None = None, after: str | None = None
) -> None:
    """Wrap a method of the product, with a step before and after it."""
    original: Callable[..., Any] = getattr(owner, method)

    @functools.wraps(original)
    def stopped(*args: Any, **kwargs: Any) -> Any:
        if before is not None:
            reach(before)
        result = original(*args, **kwargs)
        if after is not None:
            reach(after)
        return result

    setattr(owner, method, stopped)


def late(owner: type, method: str, *, seconds: float) -> None:
    """Delay the start of a method of the product."""
    original: Callable[..., Any] = getattr(owner, method)

    @functools.wraps(original)
    def begins(*args: Any, **kwargs: Any) -> Any:
        time.sleep(seconds)
        return original(*args, **kwargs)

    setattr(owner, method, begins)


class Points:
    """The test's side of the folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        folder.mkdir()

    def arm(self, step: str) -> None:
        (self._folder / f"arm-{step}").touch()

    def wait_reached(self, step: str, timeout: float = 30) -> None:
        reached = self._folder / f"reached-{step}"
        wait_until(reached.exists, timeout, f"{step} is reached")

    def go(self, step: str) -> None:
        (self._folder / f"go-{step}").touch()

    def clear(self) -> None:
        """Release all waiting threads and disarm every step.

        Call it only between tests.
        """
        for reached in self._folder.glob("reached-*"):
            self.go(reached.name.removeprefix("reached-"))
        time.sleep(0.05)
        for file in self._folder.iterdir():
            file.unlink()
