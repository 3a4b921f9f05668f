# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""THE TABLE: every server action, a row each."""

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
    """What n-api answers to an accepted action.

    Attributes:
        body: the keys of its JSON object, each with the name of what is told there;
            what is not known is left out.  None answers without a body.
        headers: by version too.
    """

    status: int = 202
    body: Mapping[str, str] | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Argument:
    """The name of what is kept with the claim, in the place of a value."""

    name: str


_ALL_BUT_DELETES: Final = frozenset(TaskState) - {
    *(TaskState.DELETING, TaskState.SOFT_DELETING),
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Action:
    """One row: data only, no column holds a callable.

    Attributes:
        name: the ``action`` of its record, and the word in ``Cannot 'pause' …``.
        key: what stands in the body of POST /servers/{id}/action; None for what is
            asked in another way.
        policy: the oslo.policy rule, named as Nova names it.
        body: the schemas of what stands behind the key; without one it may be anything.
        chosen_by: the arguments that choose this row among those of the same key.  No
            sets: a user may send a list, which no set can be asked about.
        answers: what is answered, by the API version that brought it.
        vm_states: the states it may start from.
        must_have_launched: whether a server that never ran is refused.
        preempts: the tasks it may take over; every other task makes it wait its turn.
        task_states: what is shown from the answer until the host is done.  The claim
            takes the first, the host moves it to the later ones.
        rpc_method: the method of ``ComputeManager``, cast to the server's host.
        rpc_version: the version of messages that brought the method.  For a new one it
            is one more than the highest in the last release.
        lane: the threads that perform it; all rows of one method are in one lane.
        event: what the record calls an attempt of the host.
        leads_to: the ``vm_state`` left behind on success; one for each state before; an
            argument that says it; or None, which leaves it as it was.
        launches: whether success sets ``launched_at`` to now.
        done_when: how the guest is once the action is done; tells an action that died
            half-way from one that was done.  None: the guest does not tell.
        once_from: the task state from which on it may not be performed again.
        failed_vm_state: left behind on failure; None leaves ``vm_state`` as it was.
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
        """What the claim takes."""
        return self.task_states[0]

    def answer_at(self, version: Version) -> Answer:
        """What is answered at an API version."""
        since = action_bodies.since(self.answers, version)
        assert since is not None, "every action has an answer at 2.1"
        return self.answers[since]

    @property
    def starts_anywhere(self) -> bool:
        """Then also from a ``vm_state`` that only another version knows."""
        return self.vm_states >= frozenset(VMState) - {VMState.DELETED}

    @property
    def spares(self) -> frozenset[TaskState]:
        """The tasks that it never takes over."""
        return frozenset(TaskState) - self.preempts

    @property
    def takes_over_anything(self) -> bool:
        """But a delete: then also a task that only another version knows."""
        return self.preempts >= _ALL_BUT_DELETES

    def may_start(self, vm_state: VMState, task_state: TaskState | None) -> bool:
        """Whether it may start from there, as far as these two say."""
        return (self.starts_anywhere or vm_state in self.vm_states) and (
            task_state is None
            or task_state in self.preempts
            or (self.takes_over_anything and task_state not in self.spares)
        )

    def is_once_only(self, task_state: TaskState) -> bool:
        """Whether a host that died at this step may have done what must be once."""
        steps = self.task_states
        return self.once_from is not None and (
            steps.index(task_state) >= steps.index(self.once_from)
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InPlace:
    """An action that is done before it is answered: no claim, no cast, no host.

    Attributes:
        until: the last API version that has it; None means that it is there to stay.
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
    vm_states=frozenset(),  # there is no row to claim yet: API.create inserts it
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
        TaskState.REBUILDING,  # its disk is as it was
        TaskState.REBUILD_BLOCK_DEVICE_MAPPING,  # its guest and disk are removed
        TaskState.REBUILD_SPAWNING,  # a guest that is there is the new one
        TaskState.POWERING_OFF,  # only of a server that was stopped
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
    done_when=None,  # a guest that runs tells only together with the step
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
    done_when=None,  # a guest does not tell of which size it was before
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

# The key is Nova's for a delete that is never deferred; DELETE /servers/{id} has a rule
# of its own.
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
    done_when=None,  # a guest that is gone tells nothing of its files
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
"""By the name on record; of several rows with one name the last."""

RPC_VERSION: Final = max(
    (row.rpc_version for row in ALL),
    key=lambda version: tuple(map(int, version.split("."))),
)
"""Of ``ComputeManager``: the newest message that it understands."""

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
    """Look up what a body asks for; where a key has several rows, by its arguments.

    Args:
        value: what stands behind the key.  One that the schema refuses finds the first
            row of its key: all rows of a key have one policy and one schema.
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
    """The rows that have a step of this name."""
    return [row for row in ALL if task_state in row.task_states]


def of_claim(name: str, task_state: TaskState) -> Action | None:
    """Whose claim a ``task_state`` is, by the name on its record.

    A name and a task state are of one row at most.
    """
    rows = (row for row in of_task_state(task_state) if row.name == name)
    return next(rows, None)
