# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Numeric ids in paths."""

from typing import Final

from minova import exception

_LARGEST: Final = 2**63 - 1
"""No id is larger, and no database could look for one."""


def integer(text: str) -> int:
    """Read an id, limited to a range in which a database can look.

    Raises:
        Invalid: in Nova's words.
    """
    try:
        return max(min(int(text), _LARGEST), -1)
    except ValueError:
        raise exception.Invalid(
            "Invalid input received: id must be an integer"
        ) from None
