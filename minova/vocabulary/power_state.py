# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The state of a guest according to the hypervisor, which is always right."""

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
"""The states of a guest that exists but is off."""
