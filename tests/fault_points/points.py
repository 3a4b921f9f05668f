# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A step is armed by a file; who reaches it says so in another, and waits for a third.

The product knows nothing of it: the entry points beside this file wrap its methods.
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
    """Wait here if the step is armed; one thread of one process does, the first."""
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
    """Make a method of the product a place where steps are reached."""
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
    """Have a method of the product begin so much later."""
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
        """Let all go on, and forget every step; between two tests only."""
        for reached in self._folder.glob("reached-*"):
            self.go(reached.name.removeprefix("reached-"))
        time.sleep(0.05)
        for file in self._folder.iterdir():
            file.unlink()
