# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which characters names and descriptions are made of: Nova's ``_is_printable``."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_BEYOND: Final = 0x10000
"""Nova knows the first 65,536 characters of Unicode only: no emoji is among them."""


def is_printable(letter: str) -> bool:
    """Whether it is a space or can be seen: no control, mark of direction, line end."""
    category = unicodedata.category(letter)
    return ord(letter) < _BEYOND and (category[0] not in "CZ" or category == "Zs")


def _ranges() -> Iterator[str]:
    first = None
    for number in range(_BEYOND + 1):
        printable = number < _BEYOND and is_printable(chr(number))
        if printable and first is None:
            first = number
        elif not printable and first is not None:
            yield _range(chr(first), chr(number - 1))
            first = None


def _range(first: str, last: str) -> str:
    start = re.escape(first)
    return start if first == last else f"{start}-{re.escape(last)}"


PRINTABLE: Final = f"^[{''.join(_ranges())}]*$"
"""A pattern of 1,000 characters, which Nova's answer to another text repeats."""
