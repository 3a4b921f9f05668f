# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud in a process of its own, which ends with the one that started it."""

import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

COMMAND: Final = (sys.executable, "-P", "-m", "minova")


class NotStarted(Exception):
    """Says why, in the words of the command."""


@contextmanager
def running(
    command: Sequence[str], options: Sequence[str], folder: pathlib.Path
) -> Iterator[str]:
    """Run ``minova up``; its URL.

    Args:
        command: what to run for ``minova``, here or in another environment.
        options: of ``minova up``.
        folder: where it is run, so that options can name files of a project.

    Raises:
        NotStarted: it ended at once, or there is no such command.
    """
    up = (*command, "up", "--port", "0", "--json", "--end-with-stdin", *options)
    with tempfile.TemporaryFile("w+") as errors:
        try:
            process = subprocess.Popen(  # noqa: S603 - whoever tests chose the command
                up,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        except OSError as error:
            raise NotStarted(f"{command[0]}: {error.strerror}") from None
        with process:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                process.wait()
                errors.seek(0)
                raise NotStarted(errors.read().strip() or f"{command[0]} said nothing")
            try:
                url: str = json.loads(line)["url"]
                yield url
            finally:
                process.terminate()
