# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The stable states of a server, which may differ from what the hypervisor says."""

import dataclasses
import enum
import functools
import logging
from collections.abc import Mapping
from typing import Final

from minova.vocabulary.guest_state import GuestState

# Not oslo.log's: the command `minova` imports this module too and must start fast.
LOG = logging.getLogger(__name__)


class VMState(enum.StrEnum):
    """The stable states, with Nova's names."""

    BUILDING = "building"
    """Accepted; there is no guest yet."""
    ACTIVE = "active"
    """The guest runs."""
    PAUSED = "paused"
    """The guest's virtual CPUs are stopped; its memory stays in place."""
    SUSPENDED = "suspended"
    """The guest is off; its memory is on disk."""
    STOPPED = "stopped"
    """The guest is off."""
    RESCUED = "rescued"
    """The guest runs a rescue system, with its own disk attached."""
    RESIZED = "resized"
    """The guest has a new size, which waits for confirm or revert."""
    ERROR = "error"
    """Something failed; the user must hard reboot, rebuild or delete the server."""
    SOFT_DELETED = "soft-delete"
    """The guest is off; it is deleted after some time, unless it is restored."""
    DELETED = "deleted"
    """Gone; the row stays for the record."""


class Then(enum.Enum):
    """The reaction to a guest in an unexpected state."""

    STOP = enum.auto()
    """Stop the server and its guest."""
    FOLLOW = enum.auto()
    """Set the server to the guest's state, because somebody changed it by hand."""
    LATE = enum.auto()
    """If a failed action leads to this state, it was done after all."""
    IGNORE = enum.auto()
    """Leave the decision to the user."""


@dataclasses.dataclass(frozen=True, slots=True)
class Surprise:
    """The power sync's log line and reaction for a guest in an unexpected state.

    Attributes:
        line: the WARNING, Nova's if Nova has one; None logs nothing.
        with_states: whether the four states follow the line, as in Nova.
        action: for ``FOLLOW``, the name of the action that leads to the guest's state.
    """

    then: Then
    line: str | None = None
    with_states: bool = False
    action: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything about a state.

    Attributes:
        status: the word that users see.
        guest: the expected state of the guest; None if any state, or no guest, is
            possible.
        changeable: whether metadata and tags of such a server may be changed.
        surprises: by the guest's actual state.  Any other state is expected, or is left
            to the user.
    """

    status: str
    guest: GuestState | None = None
    changeable: bool = False
    surprises: Mapping[GuestState, Surprise] = dataclasses.field(default_factory=dict)


_OFF: Final = Surprise(
    Then.STOP, "Instance shutdown by itself. Calling the stop API.", with_states=True
)
_PAUSED_OFF: Final = Surprise(
    Then.STOP, "Paused instance shutdown by itself. Calling the stop API."
)
_ON: Final = Surprise(
    Then.STOP, "Instance is not stopped. Calling the stop API.", with_states=True
)
_SAVED: Final = Surprise(
    Then.FOLLOW,
    "Instance is off unexpectedly, with its memory saved. It is suspended now.",
    action="suspend",
)
_NOT_DELETED: Final = Surprise(Then.IGNORE, "Instance is not (soft-)deleted.")

FACTS: Final[Mapping[VMState, Facts]] = {
    VMState.BUILDING: Facts(status="BUILD"),
    VMState.ACTIVE: Facts(
        status="ACTIVE",
        guest=GuestState.RUNNING,
        changeable=True,
        surprises={
            GuestState.OFF: _OFF,
            GuestState.SAVED: _SAVED,
            GuestState.ASLEEP: Surprise(
                Then.STOP, "Instance is suspended unexpectedly. Calling the stop API."
            ),
            GuestState.PAUSED: Surprise(
                Then.LATE, "Instance is paused unexpectedly. Ignore."
            ),
            GuestState.GONE: Surprise(
                Then.IGNORE, "Instance is unexpectedly not found. Ignore."
            ),
        },
    ),
    VMState.PAUSED: Facts(
        status="PAUSED",
        guest=GuestState.PAUSED,
        changeable=True,
        surprises={
            GuestState.OFF: _PAUSED_OFF,
            GuestState.SAVED: _SAVED,
            GuestState.RUNNING: Surprise(
                Then.FOLLOW,
                "Paused instance was resumed unexpectedly. It is active again.",
                action="unpause",
            ),
        },
    ),
    VMState.SUSPENDED: Facts(
        status="SUSPENDED",
        guest=GuestState.SAVED,
        changeable=True,
        surprises={
            GuestState.OFF: Surprise(
                Then.STOP,
                "The saved memory of the suspended instance is gone. "
                "Calling the stop API.",
            ),
            GuestState.RUNNING: Surprise(
                Then.FOLLOW,
                "Suspended instance was started unexpectedly. It is active again.",
                action="resume",
            ),
        },
    ),
    VMState.STOPPED: Facts(
        status="SHUTOFF",
        guest=GuestState.OFF,
        changeable=True,
        surprises={
            GuestState.RUNNING: _ON,
            GuestState.PAUSED: _ON,
            GuestState.ASLEEP: _ON,
        },
    ),
    VMState.RESCUED: Facts(status="RESCUE", guest=GuestState.RESCUED),
    # The guest runs, or is off if it was off before.
    VMState.RESIZED: Facts(status="VERIFY_RESIZE"),
    VMState.ERROR: Facts(
        status="ERROR",
        surprises={guest: Surprise(Then.LATE) for guest in GuestState},
    ),
    VMState.SOFT_DELETED: Facts(
        status="SOFT_DELETED",
        guest=GuestState.OFF,
        surprises={
            GuestState.RUNNING: _NOT_DELETED,
            GuestState.PAUSED: _NOT_DELETED,
            GuestState.ASLEEP: _NOT_DELETED,
        },
    ),
    VMState.DELETED: Facts(status="DELETED"),
}
"""One row for each state.  All questions about a state are answered here."""

_UNKNOWN: Final = Facts(status="UNKNOWN")

CHANGEABLE: Final = frozenset(
    state for state, facts in FACTS.items() if facts.changeable
)


def facts_of(vm_state: VMState) -> Facts:
    """Look up a state; one that only another version knows is ``UNKNOWN``, as in Nova.

    The database layer passes an unknown state on as plain text.
    """
    return FACTS.get(vm_state) or _unknown(vm_state)


@functools.cache
def _unknown(vm_state: str) -> Facts:
    """Log once per state and process, because lists are read again and again."""
    LOG.warning(
        "Servers are in vm_state %s, which this version of minova does not know. "
        "They are shown as UNKNOWN.",
        vm_state,
    )
    return _UNKNOWN


def was_elsewhere(vm_state: VMState, guest: GuestState | None) -> bool:
    """Whether the guest was certainly in another state before an action began."""
    return facts_of(vm_state).guest not in (None, guest)
