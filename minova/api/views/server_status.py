# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The one word that a user sees for a server's states."""

from collections.abc import Iterable
from typing import Final

from minova.compute.task_states import TaskState
from minova.compute.vm_states import VMState

_STATUS: Final = {
    VMState.ACTIVE: "ACTIVE",
    VMState.BUILDING: "BUILD",
    VMState.PAUSED: "PAUSED",
    VMState.STOPPED: "SHUTOFF",
    VMState.ERROR: "ERROR",
    VMState.DELETED: "DELETED",
}
# Of Nova's, those that no server here ever has; whoever asks for them finds none.
_NEVER: Final = frozenset(
    {
        *("HARD_REBOOT", "MIGRATING", "PASSWORD", "REBOOT", "REBUILD", "RESCUE"),
        *("RESIZE", "REVERT_RESIZE", "SHELVED", "SHELVED_OFFLOADED", "SOFT_DELETED"),
        *("SUSPENDED", "VERIFY_RESIZE"),
    }
)


def status(
    vm_state: VMState, task_state: TaskState | None, *, deleted: bool = False
) -> str:
    """``pausing`` is still ACTIVE, as in Nova."""
    return "DELETED" if deleted else _STATUS[vm_state]


def vm_states_of(statuses: Iterable[str]) -> frozenset[VMState] | None:
    """The states behind statuses; None when not one of them exists."""
    wanted = {text.upper() for text in statuses}
    if not wanted & (_NEVER | set(_STATUS.values())):
        return None
    return frozenset(state for state, name in _STATUS.items() if name in wanted)
