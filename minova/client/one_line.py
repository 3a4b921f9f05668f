# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Makes text from a cloud safe to print on one line of a terminal."""


def one_line(text: str) -> str:
    """Return the text without line ends, and with ``?`` for control characters."""
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)
