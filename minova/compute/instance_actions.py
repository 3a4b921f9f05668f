# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""THE TABLE: every server action, a row each."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from minova.compute.power_state import PowerState
from minova.compute.task_states import TaskState
from minova.compute.vm_states import VMState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One row: data only, no column holds a callable.

    Attributes:
        name: the key in the body of POST /servers/{id}/action, the ``action`` of its
            record and the word in ``Cannot 'pause' instance …``.
        policy: the oslo.policy rule, named as Nova names it.
        vm_states: the states it may start from.
        preempts: the tasks it may take over; every other task makes it wait its turn.
        task_state: shown from the answer until the host is done.
        rpc_method: the method of ``ComputeManager``, cast to the server's host.
        target_vm_state: left behind on success.
        target_power_state: what the hypervisor says once the guest is where the action
            leads; tells an action that died half-way from one that was done.
        failed_vm_state: left behind on failure; None leaves ``vm_state`` as it was.
    """

    name: str
    policy: str
    vm_states: frozenset[VMState]
    preempts: frozenset[TaskState] = frozenset()
    task_state: TaskState
    rpc_method: str
    target_vm_state: VMState
    target_power_state: PowerState
    failed_vm_state: VMState | None = None


CREATE: Final = Action(
    name="create",
    policy="os_compute_api:servers:create",
    vm_states=frozenset(),  # there is no row to claim yet: API.create inserts it
    task_state=TaskState.SPAWNING,
    rpc_method="build_and_run_instance",
    target_vm_state=VMState.ACTIVE,
    target_power_state=PowerState.RUNNING,
    failed_vm_state=VMState.ERROR,
)

PAUSE: Final = Action(
    name="pause",
    policy="os_compute_api:os-pause-server:pause",
    vm_states=frozenset({VMState.ACTIVE}),
    task_state=TaskState.PAUSING,
    rpc_method="pause_instance",
    target_vm_state=VMState.PAUSED,
    target_power_state=PowerState.PAUSED,
)

UNPAUSE: Final = Action(
    name="unpause",
    policy="os_compute_api:os-pause-server:unpause",
    vm_states=frozenset({VMState.PAUSED}),
    task_state=TaskState.UNPAUSING,
    rpc_method="unpause_instance",
    target_vm_state=VMState.ACTIVE,
    target_power_state=PowerState.RUNNING,
)

# Called by the power sync when a guest went off by itself; no user can ask for it yet.
STOP: Final = Action(
    name="stop",
    policy="os_compute_api:servers:stop",
    vm_states=frozenset({VMState.ACTIVE, VMState.PAUSED}),
    task_state=TaskState.POWERING_OFF,
    rpc_method="stop_instance",
    target_vm_state=VMState.STOPPED,
    target_power_state=PowerState.SHUTDOWN,
)

DELETE: Final = Action(
    name="delete",
    policy="os_compute_api:servers:delete",
    vm_states=frozenset(VMState) - {VMState.DELETED},
    preempts=frozenset(TaskState) - {TaskState.DELETING},
    task_state=TaskState.DELETING,
    rpc_method="terminate_instance",
    target_vm_state=VMState.DELETED,
    target_power_state=PowerState.NOSTATE,
    failed_vm_state=VMState.ERROR,
)

ALL: Final = (CREATE, PAUSE, UNPAUSE, STOP, DELETE)

BY_NAME: Final[Mapping[str, Action]] = MappingProxyType(
    {action.name: action for action in (PAUSE, UNPAUSE)}
)
"""What POST /servers/{id}/action may ask of a host."""

BY_TASK_STATE: Final[Mapping[TaskState, Action]] = MappingProxyType(
    {action.task_state: action for action in ALL}
)
"""Whose claim a ``task_state`` is: how unfinished actions are found again."""
