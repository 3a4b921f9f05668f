# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Somebody who reads a server again and again, and how long each answer takes.

A process of its own: among the threads of a test that sends 64 requests it would
measure how long it waits for Python's lock.
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
    """Of one server, while it is read.

    Attributes:
        seconds: for each read, in order; there when the reading is over.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def quicker_than(self, part: float) -> float:
        """What this part of the reads stayed under; 0.5 is the median."""
        return sorted(self.seconds)[int(part * (len(self.seconds) - 1))]


def bound(promised: float, quiet: Sequence[Reads], part: float) -> float:
    """What reads must stay under: what is promised, on a machine that could keep it.

    Where others keep the processors busy a read takes its time without any outage as
    well; then an outage may not make it five times as long.

    Args:
        quiet: the same reads without the outage, before it and after it, while as many
            other requests are answered.
        part: of the reads that are looked at; 0.5 is the median.
    """
    return max(promised, *(5 * reads.quicker_than(part) for reads in quiet))


@contextlib.contextmanager
def reading(port: int, server_id: str) -> Iterator[Reads]:
    """Read a server from now on, 20 ms after each answer, until the block ends."""
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
            # It goes on until its input ends.
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
