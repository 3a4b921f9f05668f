# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Versions of messages, ``major.minor``."""

import re


def understands(ours: str | None, theirs: object) -> bool:
    """Whether the major versions are equal and the message's minor is not newer.

    oslo.utils' ``is_compatible`` also takes ``1.0a1``, on which oslo.messaging fails.

    Args:
        ours: the host's version.  A host of unknown version (None) understands nothing.
        theirs: the version of a message, possibly from a stranger.
    """
    host, message = _parsed(ours), _parsed(theirs)
    if host is None or message is None:
        return False
    return host[0] == message[0] and host[1] >= message[1]


def _parsed(version: object) -> tuple[int, int] | None:
    if not isinstance(version, str):
        return None
    found = re.fullmatch("([0-9]{1,5})[.]([0-9]{1,5})", version)
    return (int(found[1]), int(found[2])) if found else None
