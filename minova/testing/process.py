# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud in its own process, which ends when the process that started it ends."""

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
    """The cloud did not start; the text is the command's error output."""


@contextmanager
def running(
    command: Sequence[str], options: Sequence[str], folder: pathlib.Path
) -> Iterator[str]:
    """Run ``minova up``, and yield its URL.

    Args:
        command: the command ``minova``, of this or another Python environment.
        options: of ``minova up``.
        folder: the working directory, for file names in the options.

    Raises:
        NotStarted: the command ended at once, or does not exist.
    """
    up = (*command, "up", "--port", "0", "--json", "--end-with-stdin", *options)
    with tempfile.TemporaryFile("w+") as errors:
        try:
            process = subprocess.Popen(  # noqa: S603 - the tester chose the command
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
