# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server is, whatever the hypervisor says of it now; and all that follows."""

import dataclasses
import enum
import functools
import logging
from collections.abc import Mapping
from typing import Final

from minova.vocabulary.guest_state import GuestState

# Not oslo.log's: the command minova reads this module too, and starts in no time.
LOG = logging.getLogger(__name__)


class VMState(enum.StrEnum):
    """The stable states, under Nova's names."""

    BUILDING = "building"
    """Accepted; there is no guest yet."""
    ACTIVE = "active"
    """The guest runs."""
    PAUSED = "paused"
    """The guest's virtual CPUs stand still, its memory is in place."""
    SUSPENDED = "suspended"
    """The guest is off, its memory is on disk."""
    STOPPED = "stopped"
    """The guest is off."""
    RESCUED = "rescued"
    """The guest runs another system, its own disk beside it."""
    RESIZED = "resized"
    """The guest has another size; it waits for a yes or a no to that."""
    ERROR = "error"
    """Something failed; the user must answer by a hard reboot, rebuild or delete."""
    SOFT_DELETED = "soft-delete"
    """The guest is off; it is deleted when its time is over, unless it is restored."""
    DELETED = "deleted"
    """Gone; the row stays for the record."""


class Then(enum.Enum):
    """What becomes of a server whose guest is found where it should not be."""

    STOP = enum.auto()
    """The server is stopped, and its guest with it."""
    FOLLOW = enum.auto()
    """The server goes where its guest is, for somebody led it there by hand."""
    LATE = enum.auto()
    """If an action that failed leads there it has been done after all."""
    IGNORE = enum.auto()
    """The user is left to decide."""


@dataclasses.dataclass(frozen=True, slots=True)
class Surprise:
    """What the power sync says, and does, about a guest that is found elsewhere.

    Attributes:
        line: the WARNING, Nova's where Nova has one; None says nothing.
        with_states: whether the four states stand behind the line, as in Nova.
        action: where the server follows its guest, the name of the action that would
            have led there.
    """

    then: Then
    line: str | None = None
    with_states: bool = False
    action: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All there is to know of a state.

    Attributes:
        status: the word that users see.
        guest: how its guest is; None where it may be anything, or nothing.
        changeable: whether metadata and tags of such a server may be changed.
        surprises: by what its guest is found to be; anything else is as it should be,
            or is left to the user.
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
    # Its guest runs, or is off if it was so before.
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
"""A row for each state: whoever asks anything of a state asks here."""

_UNKNOWN: Final = Facts(status="UNKNOWN")

CHANGEABLE: Final = frozenset(
    state for state, facts in FACTS.items() if facts.changeable
)


def facts_of(vm_state: VMState) -> Facts:
    """Look a state up; one that only another version knows is ``UNKNOWN``, as in Nova.

    The database hands such a state on as the text that it holds.
    """
    return FACTS.get(vm_state) or _unknown(vm_state)


@functools.cache
def _unknown(vm_state: str) -> Facts:
    """One line for each such state and process: lists are read again and again."""
    LOG.warning(
        "Servers are in vm_state %s, which this version of minova does not know. "
        "They are shown as UNKNOWN.",
        vm_state,
    )
    return _UNKNOWN


def was_elsewhere(vm_state: VMState, guest: GuestState | None) -> bool:
    """Whether a server's guest was surely not like this before an action began."""
    return facts_of(vm_state).guest not in (None, guest)
