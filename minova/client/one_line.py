# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cloud says, made fit for a line of a terminal."""


def one_line(text: str) -> str:
    """The text without line ends, and without what would move the cursor."""
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)
