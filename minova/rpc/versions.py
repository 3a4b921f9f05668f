# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Versions of messages, ``major.minor``."""

import re


def understands(ours: str | None, theirs: object) -> bool:
    """The same major version, and a minor one that is not newer.

    Args:
        ours: of the host; None is one that never said, and understands nothing.
        theirs: of the message, whoever wrote it.
    """
    if (
        ours is None
        or not isinstance(theirs, str)
        or not re.fullmatch("[0-9]{1,5}[.][0-9]{1,5}", theirs)
    ):
        return False
    major, minor = theirs.split(".")
    our_major, our_minor = ours.split(".")
    return int(major) == int(our_major) and int(minor) <= int(our_minor)
