# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures time and memory of ``minova trace`` in large logs.

    python -m benchmarks.trace [--megabytes 100] [--gzip]

The log repeats a recorded pause of minova for 100 servers on two hosts. The traced
request is in the middle. Each figure is from a separate process and includes the start
of Python. Memory is the highest memory use.
"""

import argparse
import datetime
import gzip
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import uuid
from typing import NamedTuple

RECORDED = pathlib.Path(__file__).parents[1] / "tests/unit/trace/recordings/minova"
PAUSE = "req-8139e14c-c3d3-46b0-8beb-75a81e44e607"
EVENTS = "req-9d9efcfb-7318-4c97-89bc-6aebeb0b9899"
SERVER = "0d7679e2-ba3f-4e0f-871c-001feb24cee1"
BEGUN = datetime.datetime(2026, 11, 28, 22, 40, 7)
LINES = 12


class Measured(NamedTuple):
    lines: int
    seconds: float
    processor_seconds: float
    mebibytes: float


def _of_a_pause(name: str) -> str:
    """Return the lines of the recorded pause, with fields for values that vary."""
    lines = (RECORDED / name).read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if PAUSE in line)
    kept = [
        line
        for line in lines[first : first + 7]
        if PAUSE in line or (EVENTS in line and SERVER in line)
    ]
    text = "".join(kept).replace("{", "{{").replace("}", "}}")
    for what, field in ((PAUSE, "r"), (SERVER, "s"), ("host-1", "h")):
        text = text.replace(what, f"{{{field}}}")
    # All lines get one time, so the next pause is later than the last line of this.
    stamps = {line[:23] for line in kept}
    for stamp in stamps:
        text = text.replace(stamp, "{t}")
    return text


def write_logs(folder: pathlib.Path, size: int, *, compress: bool = False) -> str:
    """Write logs of n-api and two hosts, about ``size`` bytes.

    Return the id of the request in the middle.
    """
    draw = random.Random(16)
    hosts = ("host-1", "host-2")
    opener, end = (gzip.open, ".gz") if compress else (open, "")

    def new_id() -> str:
        return str(uuid.UUID(int=draw.getrandbits(128)))

    servers = [new_id() for _number in range(100)]
    of_api, of_host = _of_a_pause("n-api.log"), _of_a_pause("n-cpu.log")
    now = BEGUN
    ids: list[str] = []
    written = 0
    with (
        opener(folder / f"n-api.log{end}", "wt") as api,
        opener(folder / f"n-cpu-{hosts[0]}.log{end}", "wt") as first,
        opener(folder / f"n-cpu-{hosts[1]}.log{end}", "wt") as second,
    ):
        while written < size:
            server = draw.randrange(len(servers))
            now += datetime.timedelta(milliseconds=draw.randrange(20, 60))
            ids.append(f"req-{new_id()}")
            facts = {
                "t": now.isoformat(" ", "milliseconds"),
                "r": ids[-1],
                "s": servers[server],
                "h": hosts[server % 2],
            }
            written += api.write(of_api.format(**facts))
            written += (second if server % 2 else first).write(of_host.format(**facts))
    return ids[len(ids) // 2]


_RUN = """
import re, sys, time
from minova.cmd.cli.main import main
try:
    main(prog_name="minova")
finally:
    # Not getrusage, because a process inherits its value from its parent.
    most = re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]
    print(most, time.process_time(), file=sys.stderr)
"""


def measure(folder: pathlib.Path, *asked: str) -> Measured:
    """Run one ``minova trace`` in a separate process."""
    command = [sys.executable, "-c", _RUN, "trace", *asked, "--logs", str(folder)]
    begun = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.monotonic() - begun
    most, processor = done.stderr.split()
    lines = sum(line.lstrip().startswith("+") for line in done.stdout.splitlines())
    return Measured(lines, seconds, float(processor), int(most) / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--gzip", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        size = arguments.megabytes * 1_000_000
        request_id = write_logs(folder, size, compress=arguments.gzip)
        for asked in (request_id, "--last"):
            found = measure(folder, asked)
            print(
                f"{asked}: {found.lines} lines in {found.seconds:.2f} s "
                f"({found.processor_seconds:.2f} s of processor), "
                f"{found.mebibytes:.0f} MiB"
            )


if __name__ == "__main__":
    main()
