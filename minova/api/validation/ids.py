# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Numbers that name a thing in a path."""

from typing import Final

from minova import exception

_LARGEST: Final = 2**63 - 1
"""A larger one names nothing, and no database could look for it."""


def integer(text: str) -> int:
    """Read it.

    Raises:
        Invalid: with Nova's sentence.
    """
    try:
        return max(min(int(text), _LARGEST), -1)
    except ValueError:
        raise exception.Invalid(
            "Invalid input received: id must be an integer"
        ) from None
