# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An earlier minova, to run beside the current one.

It is the revision before the last change of the RPC messages.
"""

import pathlib
import subprocess
from typing import Final

REVISION: Final = "cc31c81665309d3c88e2c8db47dc1b11ab37e837"
"""The last revision whose hosts take only 1.0 messages, with the tables of 0006."""


def unpack(folder: pathlib.Path) -> dict[str, str]:
    """Unpack the revision and return the environment for its daemons.

    It needs the Git history. A shallow clone gets it by ``git fetch --unshallow``.
    """
    archived = subprocess.run(
        ["git", "-c", "safe.directory=*", "archive", REVISION, "minova", "etc"],
        cwd=pathlib.Path(__file__).parents[2],
        check=True,
        capture_output=True,
    ).stdout
    subprocess.run(["tar", "--extract"], cwd=folder, input=archived, check=True)
    return {"PYTHONPATH": str(folder)}
