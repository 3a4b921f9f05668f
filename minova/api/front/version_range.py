# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The lowest and the highest version of the Compute API."""

from typing import Final

MIN_VERSION: Final = (2, 1)
MAX_VERSION: Final = (2, 104)


def text(version: tuple[int, int]) -> str:
    """``(2, 1)`` → ``2.1``."""
    return f"{version[0]}.{version[1]}"
