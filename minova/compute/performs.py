# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Perform an action on the host: start its claim, do the work, end the claim."""

import contextlib
import dataclasses
import functools
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol, TypeVar

from oslo_concurrency import lockutils
from oslo_log import log as logging

from minova import exception, failures
from minova.compute.steps import as_it_is_now, is_wanted
from minova.compute.storing import until_stored
from minova.context import RequestContext
from minova.db.api import Database
from minova.db.records import PREEMPTED
from minova.images import ImageSource
from minova.objects.action_record import Failure
from minova.objects.instance import Instance
from minova.virt.driver import ComputeDriver
from minova.vocabulary import vm_states
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import Action
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState

LOG = logging.getLogger("minova.compute.manager")

_POWER_STATE: Final = {
    GuestState.RUNNING: PowerState.RUNNING,
    GuestState.RESCUED: PowerState.RUNNING,
    GuestState.PAUSED: PowerState.PAUSED,
    GuestState.OFF: PowerState.SHUTDOWN,
    GuestState.SAVED: PowerState.SHUTDOWN,
}
"""The power state of a guest after an action that succeeded."""


_DID_NO_HARM: Final = (
    exception.GuestUnharmed,
    # Raised before anything was done.  A later loss raises HypervisorLost.
    exception.HypervisorUnavailable,
)


class Performer(Protocol):
    """A class whose methods can perform actions."""

    db: Database
    driver: ComputeDriver
    images: ImageSource
    host: str
    in_hand: "InHand"
    suspects: set[str]

    def get_power_state(self, instance: Instance) -> PowerState: ...

    def power_off(self, context: RequestContext, instance: Instance) -> None: ...


@contextlib.contextmanager
def on_free_guest(instance_uuid: str) -> Iterator[None]:
    """Lock a guest if it is free, without waiting.

    Raises:
        GuestInHand: another thread is at work on the guest.
    """
    try:
        with lockutils.internal_lock(instance_uuid, blocking=False):
            yield
    except lockutils.AcquireLockFailedException:
        raise exception.GuestInHand(instance_uuid) from None


M = TypeVar("M", bound=Performer)
Method = Callable[[M, RequestContext, Instance], None]


class InHand:
    """The requests that threads of this process are performing right now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str], Instance | None] = {}

    @contextlib.contextmanager
    def hold(self, instance_uuid: str, request_id: str) -> Iterator[None]:
        held = (instance_uuid, request_id)
        with self._lock:
            self._requests[held] = None
        try:
            yield
        finally:
            with self._lock:
                # Settling may have held the same request, and be done already.
                self._requests.pop(held, None)

    def start(self, action: Action, instance: Instance) -> None:
        """Remember the row of a held request, unless its action has several steps."""
        if len(action.task_states) == 1:
            with self._lock:
                self._requests[instance.uuid, str(instance.claim_request_id)] = instance

    def row(self, instance_uuid: str) -> Instance | None:
        """The row of a server at the start of its action.  None means: read the row.

        For a moment after the action has ended, it is the row from before.
        """
        with self._lock:
            rows = list(self._requests.values())
        return next((row for row in rows if row and row.uuid == instance_uuid), None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._requests)

    def __contains__(self, held: tuple[str, str | None]) -> bool:
        with self._lock:
            return held in self._requests


class Performed:
    """A method of the manager that performs an action of the table.

    Attributes:
        actions: the rows that the method performs.  If there are several, the claim's
            ``task_state`` picks one.
    """

    def __init__(
        self, actions: tuple[Action, ...], method: Callable[..., None]
    ) -> None:
        functools.update_wrapper(self, method)
        self.actions = actions
        self._method = method

    def __get__(self, manager: Any, owner: type) -> Any:
        if manager is None:
            return self
        return types.MethodType(self, manager)

    def __call__(
        self, manager: Performer, context: RequestContext, instance_uuid: str
    ) -> None:
        """Perform the action for the request that claimed it.  Drop a late message."""
        request_id = str(context.request_id)
        with (
            manager.in_hand.hold(instance_uuid, request_id),
            # One change of a guest at a time: a delete waits here for the pause that it
            # preempts.
            lockutils.internal_lock(instance_uuid),
        ):
            instance = until_stored(
                lambda again: manager.db.instance_start(
                    instance_uuid, request_id, self.actions, manager.host, again=again
                ),
                f"the start of {self.actions[0].name}",
                instance_uuid=instance_uuid,
            )
            if instance is None:
                LOG.warning(
                    "Too late to %s: the claim of this request is gone",
                    self.actions[0].name,
                    instance_uuid=instance_uuid,
                )
                return
            action = self._row_of(instance)
            manager.in_hand.start(action, instance)
            _perform(self._method, manager, context, action, instance)

    def settle(
        self, manager: Performer, context: RequestContext, instance: Instance
    ) -> None:
        """End an action that was started and that no thread is performing.

        If the guest is already where the action leads, the result is stored.  Otherwise
        the action is performed again.  An action that may be done only once is recorded
        as failed if the guest does not tell whether it was done.  Nothing happens if
        the claim has ended since ``instance`` was read.
        """
        with (
            manager.in_hand.hold(instance.uuid, str(context.request_id)),
            lockutils.internal_lock(instance.uuid),
        ):
            now = as_it_is_now(manager.db, instance)
            if now is None:
                return
            action = self._row_of(now)
            try:
                self._settle(manager, context, action, now)
            except exception.GuestStartHangs as error:
                # Nothing more can be done.  PowerSync finds a guest that is up later.
                LOG.error("%s", error, instance_uuid=now.uuid)
                stuck = dataclasses.replace(action, failed_vm_state=VMState.ERROR)
                _fail(manager, context, stuck, now, failures.describe(error))

    def _settle(
        self,
        manager: Performer,
        context: RequestContext,
        action: Action,
        instance: Instance,
    ) -> None:
        assert instance.task_state is not None
        if action.is_once_only(instance.task_state):
            done = _is_done(manager, action, instance)
            if done and vm_states.was_elsewhere(instance.vm_state, action.done_when):
                _finish(manager, context, action, instance)
                return
            if done is not False:
                _give_up(manager, context, action, instance)
                return
        elif action.once_from is None and _is_done(manager, action, instance):
            _finish(manager, context, action, instance)
            return
        _perform(self._method, manager, context, action, instance)

    def _row_of(self, instance: Instance) -> Action:
        return next(
            row for row in self.actions if instance.task_state in row.task_states
        )


def _is_done(manager: Performer, action: Action, instance: Instance) -> bool | None:
    """Whether the guest is where the action leads.  None if the guest does not tell."""
    if action.done_when is None:
        return None
    return manager.driver.get_guest_state(instance) is action.done_when


def _perform(
    method: Callable[..., None],
    manager: Performer,
    context: RequestContext,
    action: Action,
    instance: Instance,
) -> None:
    try:
        method(manager, context, instance)
    except exception.HypervisorLost as error:
        # Only the hypervisor knows what was done.  The claim stays and is settled when
        # the hypervisor is back.
        LOG.warning(
            "Lost the hypervisor while %s. The action will be settled when the "
            "hypervisor is back: %s",
            action.task_state,
            error,
            instance_uuid=instance.uuid,
        )
        return
    except exception.TaskPreempted:
        _say_preempted(action, instance)
        # If n-api then gave the delete's claim back, this request holds the server
        # again.  Settling ends its claim.
        if not is_wanted(manager.db, context, instance):
            _fail(manager, context, _unharmed(action), instance, PREEMPTED)
        return
    except Exception as error:
        action = _failed(action, instance, error)
        _fail(manager, context, action, instance, failures.describe(error))
        raise
    # If this fails, the claim stays and is settled later.  No failure is recorded,
    # because the guest is where it should be.
    _finish(manager, context, action, instance)


def _finish(
    manager: Performer, context: RequestContext, action: Action, instance: Instance
) -> None:
    expected = _POWER_STATE.get(action.done_when) if action.done_when else None
    try:
        power_state = manager.get_power_state(instance)
    except (exception.HypervisorUnavailable, exception.HypervisorSilent):
        # The action succeeded.  Events will tell what the guest does next.
        power_state = instance.power_state if expected is None else expected
    done = until_stored(
        lambda _again: manager.db.instance_finish(
            instance.uuid, str(context.request_id), action, power_state
        ),
        f"the result of {action.name}",
        instance_uuid=instance.uuid,
    )
    if not done or expected not in (None, power_state):
        manager.suspects.add(instance.uuid)
    if not done:
        _say_preempted(action, instance)


def _fail(
    manager: Performer,
    context: RequestContext,
    action: Action,
    instance: Instance,
    failure: Failure,
) -> None:
    reverted = until_stored(
        lambda _again: manager.db.instance_fail(
            instance.uuid, str(context.request_id), action, failure, manager.host
        ),
        f"the failure of {action.name}",
        instance_uuid=instance.uuid,
    )
    manager.suspects.add(instance.uuid)
    if reverted:
        LOG.info(
            "Successfully reverted task state from %s on failure for instance.",
            action.task_state,
            instance_uuid=instance.uuid,
        )


def _give_up(
    manager: Performer, context: RequestContext, action: Action, instance: Instance
) -> None:
    error = exception.OutcomeUnknown(action)
    LOG.warning("%s", error, instance_uuid=instance.uuid)
    _fail(manager, context, _unharmed(action), instance, failures.describe(error))


def _failed(action: Action, instance: Instance, error: Exception) -> Action:
    """Return the action with the ``vm_state`` after this failure."""
    if instance.vm_state is VMState.BUILDING:
        return action
    if isinstance(error, _DID_NO_HARM) or instance.vm_state is VMState.SOFT_DELETED:
        # A soft-deleted server stays so, and is reclaimed later.
        return _unharmed(action)
    if isinstance(error, exception.SavedMemoryGone):
        # The guest is simply off now, and can be started.
        return dataclasses.replace(action, failed_vm_state=VMState.STOPPED)
    if action.failed_vm_state is VMState.ERROR:
        LOG.error("Setting instance vm_state to ERROR", instance_uuid=instance.uuid)
    return action


def _unharmed(action: Action) -> Action:
    """Return the action, changed so that a failure leaves ``vm_state`` as it was."""
    return dataclasses.replace(action, failed_vm_state=None)


def _say_preempted(action: Action, instance: Instance) -> None:
    LOG.info(
        "Task possibly preempted: task_state is no longer %s",
        action.task_state,
        instance_uuid=instance.uuid,
    )


def performs(*actions: Action) -> Callable[[Method[M]], Performed]:
    """Make a method of ``ComputeManager`` perform ``actions``.

    The message brings only ``instance_uuid``.  The method gets the ``Instance`` as the
    database has it now, with the request's arguments in ``claim_arguments``.

    Before: the request that took the claim starts it, only once.  If the claim is gone
    (server deleted, action settled, second copy of the message), the message is dropped
    and the hypervisor is left alone.
    After: one transaction stores the new ``vm_state`` and the hypervisor's power state,
    closes the event with ``Success`` and ends the claim.
    If the hypervisor goes away in the middle, the claim stays and is settled later.
    If another request took the server over, the event says ``Preempted``.
    Any other failure ends the claim too, and ``vm_state`` stays or becomes
    ``failed_vm_state``.  Event, action and fault give the reason, and oslo.messaging
    logs the error.

    In Nova these are four decorators: ``wrap_exception``, ``reverts_task_state``,
    ``wrap_instance_event`` and ``wrap_instance_fault``.
    """

    def decorate(method: Method[M]) -> Performed:
        return Performed(actions, method)

    return decorate
