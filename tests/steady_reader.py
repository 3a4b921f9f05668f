# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A client that reads a server again and again, and measures each answer.

It is a separate process. As one more thread of a test with 64 requests, it would mostly
measure Python's lock.
"""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

_EVERY = 0.02


class Reads:
    """The reads of one server.

    Attributes:
        seconds: for each read, in order; filled in when the reading is over.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def quicker_than(self, part: float) -> float:
        """Return the time that bounds a part of the reads; 0.5 is the median."""
        return sorted(self.seconds)[int(part * (len(self.seconds) - 1))]


def bound(promised: float, quiet: Sequence[Reads], part: float) -> float:
    """Return the limit for reads: what is promised, if the machine can keep it.

    On a busy machine, reads are slow even without an outage. Then an outage may make
    them at most five times as slow.

    Args:
        quiet: the same reads without the outage, before and after it, during as many
            other requests.
        part: the part of the reads to look at; 0.5 is the median.
    """
    return max(promised, *(5 * reads.quicker_than(part) for reads in quiet))


@contextlib.contextmanager
def reading(port: int, server_id: str) -> Iterator[Reads]:
    """Read a server until the block ends, 20 ms after each answer."""
    reads = Reads()
    with subprocess.Popen(
        [sys.executable, __file__, str(port), server_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield reads
        finally:
            # The process reads until its standard input ends.
            told, _ = process.communicate()
            reads.seconds += json.loads(told)


def _read(port: int, server_id: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    os.set_blocking(0, False)
    seconds = []
    while True:
        began = time.monotonic()
        connection.request(
            "GET", f"/v2.1/servers/{server_id}", headers={"X-Auth-Token": "demo:demo"}
        )
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        seconds.append(time.monotonic() - began)
        if len(seconds) == 1:
            os.write(1, b"\n")
        with contextlib.suppress(BlockingIOError):
            if not os.read(0, 1):
                break
        time.sleep(_EVERY)
    os.write(1, json.dumps(seconds).encode())


if __name__ == "__main__":
    _read(int(sys.argv[1]), sys.argv[2])
