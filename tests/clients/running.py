# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Two ways to run clients: against a cluster (conftest) or against one process."""

import pathlib
import subprocess
from collections.abc import Mapping, Sequence
from typing import Protocol


class Runs(Protocol):
    """Runs a client in the environment that its cloud needs."""

    def run(
        self, *command: str | pathlib.Path, **environment: str
    ) -> subprocess.CompletedProcess[str]: ...


def run_client(
    command: Sequence[str | pathlib.Path], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a client and return its output, with its errors."""
    return subprocess.run(
        command,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
