# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Figures, the cost of processes, and facts about the machine."""

import dataclasses
import datetime
import os
import pathlib
import platform
import statistics
import subprocess
import time
from collections.abc import Iterable
from typing import Any, Final

SUSPEND: Final = "bare suspend"
EMPTY: Final = "empty resource"
_TOP: Final = pathlib.Path(__file__).parents[2]


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        of: the name of its yardstick, if it has one.
        aim: the target, in yardsticks, or without a yardstick in ``unit``.
        more_is_better: true for a rate.
    """

    name: str
    value: float
    unit: str = "ms"
    of: str = ""
    aim: float | None = None
    more_is_better: bool = False


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU time of processes until now, including threads that ended."""
    # Linux's clock id for another process.  /proc/PID/stat has steps of 10 ms.
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def pss(pid: int) -> float:
    """Return MiB of memory.  Shared pages are divided among the processes."""
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return (
        int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    )


def p99(values: list[float]) -> float:
    """Return the 99th percentile, which is never above the largest value."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def facts() -> dict[str, Any]:
    """Describe the code, the time and the machine of a measurement."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=_TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    processor = pathlib.Path("/proc/cpuinfo").read_text().partition("model name")[2]
    return {
        "revision": described.stdout.strip() or "unknown",
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "processor": processor.partition("\n")[0].strip("\t: "),
        "cores": os.cpu_count(),
        "load before": os.getloadavg()[0],
        "kernel": platform.release(),
        "python": platform.python_version(),
    }
