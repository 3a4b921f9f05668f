# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a guest calls itself, unless it is told."""

import re
from typing import Final

_LONGEST: Final = 63


def from_name(name: str, uuid: str, number: int | None = None) -> str:
    """Make a host name of a server's name as Nova does, Latin-1 letters and all.

    Args:
        uuid: names the server of whose name nothing is left.
        number: which of several it is, from 1.
    """
    plain = name.encode("latin-1", "ignore").decode("latin-1")[:_LONGEST]
    words = re.sub(r"[ _.]", "-", plain)
    made = re.sub(r"[^\w-]", "", words).lower().strip("-")
    if not made:
        return f"Server-{uuid}"
    return made if number is None else f"{made}-{number}"
