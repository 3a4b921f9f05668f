# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Why n-cpu must not go on: its entry point is told, and ends the process."""

import enum
import os
from collections.abc import Callable


class Ending(enum.IntEnum):
    """The value is the exit status."""

    REFUSED = os.EX_UNAVAILABLE  # 69: another n-cpu serves this host
    BROKEN = os.EX_SOFTWARE  # 70: a thread that must run has ended
    DEAF = os.EX_TEMPFAIL  # 75: nothing is heard although RabbitMQ takes messages


Leave = Callable[[Ending, str], None]
"""Takes the reason in words too.  It is called on any thread, and need not return."""
