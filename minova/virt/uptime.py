# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The text that uptime(1) prints; Nova runs this command and shows its output."""

import datetime
import os
import pathlib
import time


def read(proc: pathlib.Path = pathlib.Path("/proc")) -> str | None:
    """`` 08:32:11 up 93 days, 18:25,  0 users,  load average: 0.20, 0.12, 0.14``.

    Sessions are not counted, because a compute host is not for logging in.

    Returns:
        The line, or None if there is no ``/proc``.
    """
    try:
        seconds = float((proc / "uptime").read_text().split()[0])
    except OSError:
        return None
    up = datetime.timedelta(seconds=int(seconds))
    hours, minutes = divmod(up.seconds // 60, 60)
    days = f"{up.days} day{'s' if up.days > 1 else ''}, " if up.days else ""
    clock = f"{hours:2}:{minutes:02}" if hours else f"{minutes} min"
    load = ", ".join(f"{average:.2f}" for average in os.getloadavg())
    now = time.strftime("%H:%M:%S", time.gmtime())
    return f" {now} up {days}{clock},  0 users,  load average: {load}"
