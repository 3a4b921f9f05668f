# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The characters that names and descriptions may have: Nova's ``_is_printable``."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_BEYOND: Final = 0x10000
"""Nova only knows the first 65,536 characters of Unicode, without most emoji."""


def is_printable(letter: str) -> bool:
    """Whether it is visible or a space: no control, direction mark or line end."""
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
"""A pattern of 1,000 characters.  Nova's answer to a refused text repeats it."""
