# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""When a request is there as a whole, however it comes."""

import time

import pytest

from minova.wsgi.whole_request import Chunks, Progress, progress, take_expectation

HEAD = b"POST /v2.1/servers HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"\r\n",
        HEAD + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
        CHUNKED + b"0\r\n\r\n",
        CHUNKED + b"5;a=b\r\n0\r\n\r\n\r\nA\r\n0123456789\r\n0\r\nX: trailer\r\n\r\n",
        b"\r\n\r\n" + CHUNKED.replace(b"Host", b"Expect: 100-continue\r\nHost")
        + b"1\r\na\r\n0\r\n\r\n",
    ],
)  # fmt: skip
def test_it_is_whole_with_its_last_byte_and_not_before(request_: bytes) -> None:
    received, chunks = bytearray(), Chunks()
    for byte in request_[:-1]:
        received.append(byte)
        assert progress(received, chunks) is Progress.GOES_ON
        take_expectation(received)

    received.append(request_[-1])
    assert progress(received, chunks) is Progress.WHOLE


def test_a_body_of_many_chunks_is_too_long_as_any_other() -> None:
    received, chunks = bytearray(CHUNKED), Chunks()
    while progress(received, chunks) is Progress.GOES_ON:
        received += b"1\r\nx\r\n" * 1000

    assert progress(received, chunks) is Progress.TOO_LONG
    assert len(received) < 300_000


def test_a_chunk_is_looked_at_once() -> None:
    """Whoever sends the next byte pays for it, and not for all that came before."""
    received, chunks = bytearray(CHUNKED + b"1\r\nx\r\n" * 40_000), Chunks()
    progress(received, chunks)
    began = time.process_time()
    for _ in range(1000):
        received += b"1\r\nx\r\n"
        assert progress(received, chunks) is Progress.GOES_ON

    assert time.process_time() - began < 1
