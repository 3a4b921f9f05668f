# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The host name of a guest for which the request gives none."""

import re
from typing import Final

_LONGEST: Final = 63


def from_name(name: str, uuid: str, number: int | None = None) -> str:
    """Make a host name from a server's name as Nova does; it keeps Latin-1 letters.

    Args:
        uuid: used if no letter of the name can be kept.
        number: the number of the server among several, from 1.
    """
    plain = name.encode("latin-1", "ignore").decode("latin-1")[:_LONGEST]
    words = re.sub(r"[ _.]", "-", plain)
    made = re.sub(r"[^\w-]", "", words).lower().strip("-")
    if not made:
        return f"Server-{uuid}"
    return made if number is None else f"{made}-{number}"
