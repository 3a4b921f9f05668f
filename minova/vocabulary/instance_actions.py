# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""THE TABLE: one row for every server action."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from minova.vocabulary import action_bodies
from minova.vocabulary.action_bodies import Body, Version
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.lane import Lane
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """n-api's answer to an accepted action.

    Attributes:
        body: the keys of the JSON object, each with the name of its value.  Unknown
            values are left out.  None sends no body.
        headers: the same for the answer's headers.
    """

    status: int = 202
    body: Mapping[str, str] | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Argument:
    """Stands for the value of an argument that is stored with the claim."""

    name: str


_ALL_BUT_DELETES: Final = frozenset(TaskState) - {
    *(TaskState.DELETING, TaskState.SOFT_DELETING),
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Action:
    """One row of the table.  It holds only data, no callables.

    Attributes:
        name: the ``action`` in its record, and the word in ``Cannot 'pause' …``.
        key: the key in the body of POST /servers/{id}/action; None if the action is
            requested in another way.
        policy: the oslo.policy rule, with Nova's name.
        body: the schemas of the value under the key; without a schema, any value.
        chosen_by: the arguments that choose this row among rows with the same key.
            Tuples, not sets: a user may send a list, which cannot be hashed.
        answers: the answers, each by the first API version that has it.
        vm_states: the states that the action may start from.
        must_have_launched: whether a server that never ran is refused.
        preempts: the tasks from which the action may take the server over.  Any other
            task blocks the action.
        task_states: the states shown from the answer until the host is done.  The claim
            takes the first.  The host moves it to the later ones.
        rpc_method: the method of ``ComputeManager``, cast to the server's host.
        rpc_version: the first message version with this method.  A new method gets one
            more than the highest version in the last release.
        lane: the threads that perform it.  All rows of one method share a lane.
        event: the name of a host's attempt in the record.
        leads_to: the ``vm_state`` after success, or a mapping from each state before to
            the state after, or an argument with the state.  None leaves it as it was.
        launches: whether success sets ``launched_at`` to now.
        done_when: the guest's state once the action is done.  It shows whether an
            interrupted action was done.  None: the guest cannot show that.
        once_from: the first task state from which the action must not be repeated.
        failed_vm_state: the ``vm_state`` after failure; None leaves it as it was.
    """

    name: str
    key: str | None = None
    policy: str
    body: Body = dataclasses.field(default_factory=dict)
    chosen_by: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    answers: Mapping[Version, Answer] = dataclasses.field(
        default_factory=lambda: {(2, 1): Answer()}
    )
    vm_states: frozenset[VMState]
    must_have_launched: bool = True
    preempts: frozenset[TaskState] = frozenset()
    task_states: tuple[TaskState, ...]
    rpc_method: str
    rpc_version: str
    lane: Lane = Lane.QUICK
    event: str = ""
    leads_to: VMState | Mapping[VMState, VMState] | Argument | None
    launches: bool = False
    done_when: GuestState | None
    once_from: TaskState | None = None
    failed_vm_state: VMState | None = None

    def __post_init__(self) -> None:
        if not self.event:
            object.__setattr__(self, "event", f"compute_{self.rpc_method}")

    @property
    def task_state(self) -> TaskState:
        """The first state, which the claim takes."""
        return self.task_states[0]

    def answer_at(self, version: Version) -> Answer:
        """The answer at an API version."""
        since = action_bodies.since(self.answers, version)
        assert since is not None, "every action has an answer at 2.1"
        return self.answers[since]

    @property
    def starts_anywhere(self) -> bool:
        """Whether it starts from any ``vm_state``, even an unknown one."""
        return self.vm_states >= frozenset(VMState) - {VMState.DELETED}

    @property
    def spares(self) -> frozenset[TaskState]:
        """The tasks from which the action never takes the server over."""
        return frozenset(TaskState) - self.preempts

    @property
    def takes_over_anything(self) -> bool:
        """Whether it takes the server over from any task but a delete, known or not."""
        return self.preempts >= _ALL_BUT_DELETES

    def may_start(self, vm_state: VMState, task_state: TaskState | None) -> bool:
        """Whether these two states allow the action to start."""
        return (self.starts_anywhere or vm_state in self.vm_states) and (
            task_state is None
            or task_state in self.preempts
            or (self.takes_over_anything and task_state not in self.spares)
        )

    def is_once_only(self, task_state: TaskState) -> bool:
        """Whether a host that died at this step may have done an unrepeatable part."""
        steps = self.task_states
        return self.once_from is not None and (
            steps.index(task_state) >= steps.index(self.once_from)
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InPlace:
    """An action that is done before the answer: no claim, no cast, no host.

    Attributes:
        until: the last API version that has it; None if the newest version has it.
    """

    key: str
    policy: str
    body: Body = dataclasses.field(default_factory=dict)
    until: Version | None = None

    def is_there(self, version: Version) -> bool:
        return self.until is None or version <= self.until


CREATE: Final = Action(
    name="create",
    policy="os_compute_api:servers:create",
    vm_states=frozenset(),  # no row to claim yet: API.create inserts it
    must_have_launched=False,
    task_states=(TaskState.SPAWNING,),
    rpc_method="build_and_run_instance",
    rpc_version="1.0",
    lane=Lane.BUILDS,
    event="compute__do_build_and_run_instance",
    leads_to=VMState.ACTIVE,
    launches=True,
    done_when=GuestState.RUNNING,
    failed_vm_state=VMState.ERROR,
)

PAUSE: Final = Action(
    name="pause",
    key="pause",
    policy="os_compute_api:os-pause-server:pause",
    vm_states=frozenset({VMState.ACTIVE}),
    task_states=(TaskState.PAUSING,),
    rpc_method="pause_instance",
    rpc_version="1.0",
    leads_to=VMState.PAUSED,
    done_when=GuestState.PAUSED,
)

UNPAUSE: Final = Action(
    name="unpause",
    key="unpause",
    policy="os_compute_api:os-pause-server:unpause",
    vm_states=frozenset({VMState.PAUSED}),
    task_states=(TaskState.UNPAUSING,),
    rpc_method="unpause_instance",
    rpc_version="1.0",
    leads_to=VMState.ACTIVE,
    done_when=GuestState.RUNNING,
)

SUSPEND: Final = Action(
    name="suspend",
    key="suspend",
    policy="os_compute_api:os-suspend-server:suspend",
    vm_states=frozenset({VMState.ACTIVE}),
    task_states=(TaskState.SUSPENDING,),
    rpc_method="suspend_instance",
    rpc_version="1.1",
    lane=Lane.WAITS,
    leads_to=VMState.SUSPENDED,
    done_when=GuestState.SAVED,
    failed_vm_state=VMState.ERROR,
)

RESUME: Final = Action(
    name="resume",
    key="resume",
    policy="os_compute_api:os-suspend-server:resume",
    vm_states=frozenset({VMState.SUSPENDED}),
    task_states=(TaskState.RESUMING,),
    rpc_method="resume_instance",
    rpc_version="1.1",
    lane=Lane.WAITS,
    leads_to=VMState.ACTIVE,
    done_when=GuestState.RUNNING,
    failed_vm_state=VMState.ERROR,
)

STOP: Final = Action(
    name="stop",
    key="os-stop",
    policy="os_compute_api:servers:stop",
    vm_states=frozenset({VMState.ACTIVE, VMState.ERROR}),
    task_states=(TaskState.POWERING_OFF,),
    rpc_method="stop_instance",
    rpc_version="1.1",
    lane=Lane.WAITS,
    leads_to=VMState.STOPPED,
    done_when=GuestState.OFF,
)

START: Final = Action(
    name="start",
    key="os-start",
    policy="os_compute_api:servers:start",
    vm_states=frozenset({VMState.STOPPED}),
    task_states=(TaskState.POWERING_ON,),
    rpc_method="start_instance",
    rpc_version="1.1",
    leads_to=VMState.ACTIVE,
    done_when=GuestState.RUNNING,
)

REBOOT_SOFT: Final = Action(
    name="reboot",
    key="reboot",
    policy="os_compute_api:servers:reboot",
    body=action_bodies.REBOOT,
    chosen_by={"type": ("SOFT", "Soft", "soft")},
    vm_states=frozenset({VMState.ACTIVE}),
    task_states=(
        TaskState.REBOOTING,
        TaskState.REBOOT_PENDING,
        TaskState.REBOOT_STARTED,
    ),
    rpc_method="reboot_instance",
    rpc_version="1.1",
    lane=Lane.WAITS,
    leads_to=VMState.ACTIVE,
    done_when=GuestState.RUNNING,
    once_from=TaskState.REBOOT_STARTED,
    failed_vm_state=VMState.ERROR,
)

REBOOT_HARD: Final = dataclasses.replace(
    REBOOT_SOFT,
    chosen_by={"type": ("HARD", "Hard", "hard")},
    vm_states=frozenset(
        {
            VMState.ACTIVE,
            VMState.PAUSED,
            VMState.SUSPENDED,
            VMState.STOPPED,
            VMState.ERROR,
        }
    ),
    preempts=frozenset(
        {
            TaskState.REBOOTING,
            TaskState.REBOOT_PENDING,
            TaskState.REBOOT_STARTED,
            TaskState.REBOOTING_HARD,
            TaskState.PAUSING,
            TaskState.UNPAUSING,
            TaskState.SUSPENDING,
            TaskState.RESUMING,
        }
    ),
    task_states=(
        TaskState.REBOOTING_HARD,
        TaskState.REBOOT_PENDING_HARD,
        TaskState.REBOOT_STARTED_HARD,
    ),
    once_from=TaskState.REBOOT_STARTED_HARD,
)

RESCUE: Final = Action(
    name="rescue",
    key="rescue",
    policy="os_compute_api:os-rescue",
    body=action_bodies.RESCUE,
    answers={(2, 1): Answer(status=200, body={"adminPass": "admin_password"})},
    vm_states=frozenset({VMState.ACTIVE, VMState.STOPPED, VMState.ERROR}),
    task_states=(TaskState.RESCUING,),
    rpc_method="rescue_instance",
    rpc_version="1.1",
    lane=Lane.WAITS,
    leads_to=VMState.RESCUED,
    launches=True,
    done_when=GuestState.RESCUED,
    failed_vm_state=VMState.ERROR,
)

UNRESCUE: Final = Action(
    name="unrescue",
    key="unrescue",
    policy="os_compute_api:os-unrescue",
    vm_states=frozenset({VMState.RESCUED}),
    task_states=(TaskState.UNRESCUING,),
    rpc_method="unrescue_instance",
    rpc_version="1.1",
    leads_to=VMState.ACTIVE,
    done_when=GuestState.RUNNING,
    failed_vm_state=VMState.ERROR,
)

REBUILD: Final = Action(
    name="rebuild",
    key="rebuild",
    policy="os_compute_api:servers:rebuild",
    body=action_bodies.REBUILD,
    answers={
        (2, 1): Answer(body={"server": "server"}, headers={"Location": "location"})
    },
    vm_states=frozenset({VMState.ACTIVE, VMState.STOPPED, VMState.ERROR}),
    task_states=(
        TaskState.REBUILDING,  # the disk is unchanged
        TaskState.REBUILD_BLOCK_DEVICE_MAPPING,  # guest and disk are being removed
        TaskState.REBUILD_SPAWNING,  # any guest is the new one
        TaskState.POWERING_OFF,  # only for a server that was stopped
    ),
    rpc_method="rebuild_instance",
    rpc_version="1.2",
    lane=Lane.BUILDS,
    leads_to={
        VMState.ACTIVE: VMState.ACTIVE,
        VMState.STOPPED: VMState.STOPPED,
        VMState.ERROR: VMState.ACTIVE,
    },
    launches=True,
    done_when=None,  # a running guest may be the old one or the new one
    failed_vm_state=VMState.ERROR,
)

RESIZE: Final = Action(
    name="resize",
    key="resize",
    policy="os_compute_api:servers:resize",
    body=action_bodies.RESIZE,
    vm_states=frozenset({VMState.ACTIVE, VMState.STOPPED}),
    task_states=(
        TaskState.RESIZE_PREP,
        TaskState.RESIZE_MIGRATING,
        TaskState.RESIZE_MIGRATED,
        TaskState.RESIZE_FINISH,
    ),
    rpc_method="prep_resize",
    rpc_version="1.2",
    lane=Lane.WAITS,
    leads_to=VMState.RESIZED,
    launches=True,
    done_when=None,  # a guest does not show whether its size has changed
    failed_vm_state=VMState.ERROR,
)

CONFIRM_RESIZE: Final = Action(
    name="confirmResize",
    key="confirmResize",
    policy="os_compute_api:servers:confirm_resize",
    answers={(2, 1): Answer(status=204)},
    vm_states=frozenset({VMState.RESIZED}),
    task_states=(TaskState.RESIZE_CONFIRMING,),
    rpc_method="confirm_resize",
    rpc_version="1.2",
    leads_to=Argument("vm_state"),
    done_when=None,
    failed_vm_state=VMState.ERROR,
)

REVERT_RESIZE: Final = Action(
    name="revertResize",
    key="revertResize",
    policy="os_compute_api:servers:revert_resize",
    vm_states=frozenset({VMState.RESIZED}),
    task_states=(TaskState.RESIZE_REVERTING,),
    rpc_method="revert_resize",
    rpc_version="1.2",
    leads_to=Argument("vm_state"),
    launches=True,
    done_when=None,
    failed_vm_state=VMState.ERROR,
)

SOFT_DELETE: Final = Action(
    name="delete",
    policy="os_compute_api:servers:delete",
    vm_states=frozenset(VMState) - {VMState.DELETED},
    preempts=_ALL_BUT_DELETES,
    task_states=(TaskState.SOFT_DELETING,),
    rpc_method="soft_delete_instance",
    rpc_version="1.2",
    leads_to=VMState.SOFT_DELETED,
    done_when=GuestState.OFF,
)

RESTORE: Final = Action(
    name="restore",
    key="restore",
    policy="os_compute_api:os-deferred-delete:restore",
    vm_states=frozenset({VMState.SOFT_DELETED}),
    task_states=(TaskState.RESTORING,),
    rpc_method="restore_instance",
    rpc_version="1.2",
    leads_to=VMState.ACTIVE,
    done_when=GuestState.RUNNING,
)

# Nova's key for a delete without delay.  DELETE /servers/{id} has its own rule.
DELETE: Final = Action(
    name="delete",
    key="forceDelete",
    policy="os_compute_api:os-deferred-delete:force",
    vm_states=frozenset(VMState) - {VMState.DELETED},
    must_have_launched=False,
    preempts=frozenset(TaskState) - {TaskState.DELETING},
    task_states=(TaskState.DELETING,),
    rpc_method="terminate_instance",
    rpc_version="1.0",
    leads_to=VMState.DELETED,
    done_when=None,  # a missing guest does not show whether its files are gone
    failed_vm_state=VMState.ERROR,
)

ALL: Final = (
    CREATE,
    PAUSE,
    UNPAUSE,
    SUSPEND,
    RESUME,
    STOP,
    START,
    REBOOT_SOFT,
    REBOOT_HARD,
    RESCUE,
    UNRESCUE,
    REBUILD,
    RESIZE,
    CONFIRM_RESIZE,
    REVERT_RESIZE,
    SOFT_DELETE,
    RESTORE,
    DELETE,
)

BY_NAME: Final[Mapping[str, Action]] = {row.name: row for row in ALL}
"""The rows by their name in the record.  If several have one name, the last counts."""

RPC_VERSION: Final = max(
    (row.rpc_version for row in ALL),
    key=lambda version: tuple(map(int, version.split("."))),
)
"""The newest message version that ``ComputeManager`` understands."""

IN_PLACE: Final = (
    InPlace(
        key="lock",
        policy="os_compute_api:os-lock-server:lock",
        body=action_bodies.LOCK,
    ),
    InPlace(key="unlock", policy="os_compute_api:os-lock-server:unlock"),
    InPlace(
        key="changePassword",
        policy="os_compute_api:os-admin-password",
        body=action_bodies.CHANGE_PASSWORD,
    ),
    InPlace(
        key="os-getConsoleOutput",
        policy="os_compute_api:os-console-output",
        body=action_bodies.CONSOLE_OUTPUT,
    ),
    InPlace(
        key="os-resetState",
        policy="os_compute_api:os-admin-actions:reset_state",
        body=action_bodies.RESET_STATE,
    ),
    InPlace(
        key="injectNetworkInfo",
        policy="os_compute_api:os-admin-actions:inject_network_info",
    ),
    InPlace(
        key="migrate",
        policy="os_compute_api:os-migrate-server:migrate",
        body=action_bodies.MIGRATE,
    ),
    InPlace(
        key="os-migrateLive",
        policy="os_compute_api:os-migrate-server:migrate_live",
        body=action_bodies.MIGRATE_LIVE,
    ),
    InPlace(
        key="evacuate",
        policy="os_compute_api:os-evacuate",
        body=action_bodies.EVACUATE,
    ),
    InPlace(
        key="addSecurityGroup",
        policy="os_compute_api:os-security-groups:add",
        body=action_bodies.SECURITY_GROUP,
    ),
    InPlace(
        key="removeSecurityGroup",
        policy="os_compute_api:os-security-groups:remove",
        body=action_bodies.SECURITY_GROUP,
    ),
    InPlace(
        key="addFixedIp",
        policy="os_compute_api:os-multinic:add",
        body=action_bodies.ADD_FIXED_IP,
        until=(2, 43),
    ),
    InPlace(
        key="removeFixedIp",
        policy="os_compute_api:os-multinic:remove",
        body=action_bodies.REMOVE_IP,
        until=(2, 43),
    ),
    InPlace(
        key="addFloatingIp",
        policy="os_compute_api:os-floating-ips:add",
        body=action_bodies.ADD_FLOATING_IP,
        until=(2, 43),
    ),
    InPlace(
        key="removeFloatingIp",
        policy="os_compute_api:os-floating-ips:remove",
        body=action_bodies.REMOVE_IP,
        until=(2, 43),
    ),
)


def find(key: str, value: Any = None) -> Action | InPlace | None:
    """Look up the action for a key; the arguments choose among several rows.

    Args:
        value: the value under the key.  A value that the schema refuses finds the first
            row, because all rows of a key have the same policy and schema.
    """
    for entry in IN_PLACE:
        if entry.key == key:
            return entry
    rows = [row for row in ALL if row.key == key]
    for row in rows:
        if isinstance(value, dict) and all(
            value.get(name) in values for name, values in row.chosen_by.items()
        ):
            return row
    return rows[0] if rows else None


def of_task_state(task_state: TaskState) -> list[Action]:
    """The rows that have this task state as a step."""
    return [row for row in ALL if task_state in row.task_states]


def of_claim(name: str, task_state: TaskState) -> Action | None:
    """The action of a claim, by the name in its record and its task state.

    At most one row has both.
    """
    rows = (row for row in of_task_state(task_state) if row.name == name)
    return next(rows, None)
