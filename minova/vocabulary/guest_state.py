# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a guest is, more than its power state tells."""

import enum
from collections.abc import Mapping
from typing import Final

from minova.vocabulary.power_state import PowerState


class GuestState(enum.StrEnum):
    """A saved guest is off *and* has its memory on disk; a rescued one runs.

    What a driver answers when it is asked whether an action has been done.
    """

    RUNNING = "running"
    PAUSED = "paused"
    OFF = "off"
    """Without power, and without a memory that it could go on from."""
    SAVED = "saved"
    """Without power; its memory is on disk (libvirt's managed save)."""
    RESCUED = "rescued"
    """It runs another system than its own."""
    ASLEEP = "asleep"
    """It put itself to sleep (ACPI S3)."""
    GONE = "gone"
    """There is no guest."""


BY_POWER_STATE: Final[Mapping[PowerState, GuestState]] = {
    PowerState.NOSTATE: GuestState.GONE,
    PowerState.RUNNING: GuestState.RUNNING,
    PowerState.PAUSED: GuestState.PAUSED,
    PowerState.SUSPENDED: GuestState.ASLEEP,
}
"""As far as it tells: of a guest that is off, only its driver knows."""
