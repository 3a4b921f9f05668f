# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What runs clients: a cluster as they know it (conftest), or one process."""

import pathlib
import subprocess
from typing import Protocol


class Runs(Protocol):
    """Runs a client in the environment that its cloud needs."""

    def run(
        self, *command: str | pathlib.Path, **environment: str
    ) -> subprocess.CompletedProcess[str]: ...
