# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether the bytes that came so far are a whole request."""

import dataclasses
import enum
import re
from typing import Final

HEAD_LIMIT: Final = 100 * 1024
"""Bytes of request line and headers; a token of Keystone's has some hundred."""
BODY_LIMIT: Final = 256 * 1024
"""Bytes of a body that are waited for.

oslo.middleware refuses what is longer than ``max_request_body_size`` (114,688 by
default); of a body that is longer than both nobody wants to know how it ends.
"""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?=\r\n|$)")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:")
_EXPECT = re.compile(rb"\r\nexpect:[^\r\n]*", re.IGNORECASE)


class Progress(enum.Enum):
    """How far a request is."""

    GOES_ON = enum.auto()
    """More must come."""
    WHOLE = enum.auto()
    TOO_LONG = enum.auto()
    """The body is longer than anything that is read; the head is there."""
    NO_END = enum.auto()
    """The head is longer than any that means something."""


@dataclasses.dataclass
class Chunks:
    """How far the chunks of one body were looked at: from its start, in bytes.

    Who sends many small ones slowly is looked at often, and each only once.
    """

    walked: int = 0


def progress(received: bytearray, chunks: Chunks) -> Progress:
    """Look how far a request is; empty lines before it are taken away."""
    if received.startswith((b"\r", b"\n")):
        received[:] = received.lstrip(b"\r\n")
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return Progress.NO_END if len(received) > HEAD_LIMIT else Progress.GOES_ON
    head = bytes(received[:end]).lower()
    if _CHUNKED.search(head):
        return _progress_of_chunks(received, end + 4, chunks)
    length = _LENGTH.search(head)
    if length is None:
        return Progress.WHOLE
    if int(length[1]) > BODY_LIMIT:
        return Progress.TOO_LONG
    whole = len(received) - (end + 4) >= int(length[1])
    return Progress.WHOLE if whole else Progress.GOES_ON


def take_expectation(received: bytearray) -> bool:
    """Take ``Expect: 100-continue`` away, once the head is there.

    Returns:
        Whether the client waits to be told that it may go on.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    found = _EXPECT.search(received, 0, end + 2)
    if found is None:
        return False
    del received[found.start() : found.end()]
    return True


def _progress_of_chunks(received: bytearray, start: int, chunks: Chunks) -> Progress:
    """Walk over the chunks; what is none is left to gunicorn to refuse."""
    position = start + chunks.walked
    while len(received) - start <= BODY_LIMIT:
        line_end = received.find(b"\r\n", position)
        if line_end < 0:
            return Progress.GOES_ON
        try:
            size = int(bytes(received[position:line_end]).partition(b";")[0], 16)
        except ValueError:
            return Progress.WHOLE
        if size == 0:
            whole = received.find(b"\r\n\r\n", line_end) >= 0
            return Progress.WHOLE if whole else Progress.GOES_ON
        position = line_end + 2 + size + 2
        if position > len(received):
            too_long = position - start > BODY_LIMIT
            return Progress.TOO_LONG if too_long else Progress.GOES_ON
        chunks.walked = position - start
    return Progress.TOO_LONG
