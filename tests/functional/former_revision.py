# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova as it was before the last step of its messages, to be run beside this one."""

import pathlib
import subprocess
from typing import Final

REVISION: Final = "cc31c81665309d3c88e2c8db47dc1b11ab37e837"
"""The last one whose hosts take messages of 1.0 only, with the tables of 0006."""


def unpack(folder: pathlib.Path) -> dict[str, str]:
    """Take it from the repository; the environment in which daemons are of it.

    Needs the history: in a shallow clone ``git fetch --unshallow`` brings it.
    """
    archived = subprocess.run(
        ["git", "-c", "safe.directory=*", "archive", REVISION, "minova", "etc"],
        cwd=pathlib.Path(__file__).parents[2],
        check=True,
        capture_output=True,
    ).stdout
    subprocess.run(["tar", "--extract"], cwd=folder, input=archived, check=True)
    return {"PYTHONPATH": str(folder)}
