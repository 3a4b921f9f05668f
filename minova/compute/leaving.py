# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The reasons to end n-cpu.  Its entry point gets the reason and ends the process."""

import enum
import os
from collections.abc import Callable


class Ending(enum.IntEnum):
    """Why n-cpu ends.  The value is the exit status."""

    REFUSED = os.EX_UNAVAILABLE  # 69: another n-cpu serves this host
    BROKEN = os.EX_SOFTWARE  # 70: a thread that must run has ended
    DEAF = os.EX_TEMPFAIL  # 75: RabbitMQ accepts messages, but none arrives
    MISCONFIGURED = os.EX_CONFIG  # 78: an option or the installation cannot be used


Leave = Callable[[Ending, str], None]
"""Called on any thread, with the reason also in words.  It need not return."""
