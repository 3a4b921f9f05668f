# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The task states: what is being done to a server; NULL if nothing is."""

import enum
from collections.abc import Mapping
from typing import Final

from minova.vocabulary.vm_states import VMState


class TaskState(enum.StrEnum):
    """The transitions, with Nova's names."""

    SPAWNING = "spawning"
    PAUSING = "pausing"
    UNPAUSING = "unpausing"
    SUSPENDING = "suspending"
    RESUMING = "resuming"
    POWERING_OFF = "powering-off"
    POWERING_ON = "powering-on"
    REBOOTING = "rebooting"
    REBOOT_PENDING = "reboot_pending"
    REBOOT_STARTED = "reboot_started"
    REBOOTING_HARD = "rebooting_hard"
    REBOOT_PENDING_HARD = "reboot_pending_hard"
    REBOOT_STARTED_HARD = "reboot_started_hard"
    RESCUING = "rescuing"
    UNRESCUING = "unrescuing"
    RESIZE_PREP = "resize_prep"
    RESIZE_MIGRATING = "resize_migrating"
    RESIZE_MIGRATED = "resize_migrated"
    RESIZE_FINISH = "resize_finish"
    RESIZE_CONFIRMING = "resize_confirming"
    RESIZE_REVERTING = "resize_reverting"
    SOFT_DELETING = "soft-deleting"
    RESTORING = "restoring"
    REBUILDING = "rebuilding"
    REBUILD_BLOCK_DEVICE_MAPPING = "rebuild_block_device_mapping"
    REBUILD_SPAWNING = "rebuild_spawning"
    DELETING = "deleting"


_REBOOT: Final = {VMState.ACTIVE: "REBOOT"}
_HARD_REBOOT: Final = {VMState.ACTIVE: "HARD_REBOOT"}
_RESIZE: Final = {VMState.ACTIVE: "RESIZE", VMState.STOPPED: "RESIZE"}
_REBUILD: Final = dict.fromkeys(
    (VMState.ACTIVE, VMState.STOPPED, VMState.ERROR), "REBUILD"
)

STATUS: Final[Mapping[TaskState, Mapping[VMState, str]]] = {
    TaskState.REBOOTING: _REBOOT,
    TaskState.REBOOT_PENDING: _REBOOT,
    TaskState.REBOOT_STARTED: _REBOOT,
    TaskState.REBOOTING_HARD: _HARD_REBOOT,
    TaskState.REBOOT_PENDING_HARD: _HARD_REBOOT,
    TaskState.REBOOT_STARTED_HARD: _HARD_REBOOT,
    TaskState.RESIZE_PREP: _RESIZE,
    TaskState.RESIZE_MIGRATING: _RESIZE,
    TaskState.RESIZE_MIGRATED: _RESIZE,
    TaskState.RESIZE_FINISH: _RESIZE,
    TaskState.RESIZE_REVERTING: {VMState.RESIZED: "REVERT_RESIZE"},
    TaskState.REBUILDING: _REBUILD,
    TaskState.REBUILD_BLOCK_DEVICE_MAPPING: _REBUILD,
    TaskState.REBUILD_SPAWNING: _REBUILD,
}
"""The status that users see instead of the ``vm_state``'s, for tasks that change it."""
