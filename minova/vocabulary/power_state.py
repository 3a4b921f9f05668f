# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What the hypervisor says; it is always the authority on its guests."""

import enum
from typing import Final


class PowerState(enum.IntEnum):
    """Nova's numbers: clients see them in ``OS-EXT-STS:power_state``."""

    NOSTATE = 0
    RUNNING = 1
    PAUSED = 3
    SHUTDOWN = 4
    CRASHED = 6
    SUSPENDED = 7


OFF: Final = frozenset({PowerState.SHUTDOWN, PowerState.CRASHED})
"""Of a guest that is there and has no power."""
