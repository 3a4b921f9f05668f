# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A process of ``minova up``."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from click.testing import CliRunner, Result

from minova.cmd.cli.main import main
from minova.testing.asking import Asking

COMMAND = (sys.executable, "-c", "from minova.cmd.cli.main import main; main()")


class Up:
    """A started process that answers.

    Attributes:
        said: what it printed.
    """

    def __init__(self, *options: str) -> None:
        command = (*COMMAND, "up", "--port", "0", "--json", *options)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.said: dict[str, Any] = json.loads(line)
        self.url: str = self.said["url"]
        self.admin = Asking(self.url)
        self.demo = Asking(self.url, "demo:demo")

    def end(self) -> float:
        """Press Ctrl-C and return the seconds until it has ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        _out, errors = self.process.communicate(timeout=10)
        assert (self.process.returncode, errors) == (0, ""), errors
        return time.monotonic() - began

    def servers(self) -> dict[str, str]:
        """Return the status of each server, by name."""
        listed = self.admin.compute("GET", "/servers/detail?all_tenants=1")["servers"]
        return {server["name"]: server["status"] for server in listed}


@contextmanager
def up(*options: str) -> Iterator[Up]:
    running = Up(*options)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end()


def run(*arguments: str, **environment: str) -> Result:
    """Run another command in this process, if it stops before it asks a cloud."""
    return CliRunner().invoke(main, arguments, prog_name="minova", env=environment)


def run_up(*options: str) -> subprocess.CompletedProcess[str]:
    """Run ``up`` with arguments that it refuses."""
    return subprocess.run(
        [*COMMAND, "up", "--port", "0", *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
