# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The state of a guest, in more detail than its power state."""

import enum
from collections.abc import Mapping
from typing import Final

from minova.vocabulary.power_state import PowerState


class GuestState(enum.StrEnum):
    """The state of a guest, by which a driver tells whether an action has been done."""

    RUNNING = "running"
    PAUSED = "paused"
    OFF = "off"
    """Off, without saved memory."""
    SAVED = "saved"
    """Off; its memory is on disk (libvirt's managed save)."""
    RESCUED = "rescued"
    """Running a rescue system instead of its own."""
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
"""The states that follow from the power state.  For the others, ask the driver."""
