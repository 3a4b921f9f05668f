# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What is around every action on the host: start the claim, do it, end the claim."""

import contextlib
import dataclasses
import functools
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from oslo_concurrency import lockutils
from oslo_log import log as logging

from minova import exception
from minova.compute import failures
from minova.compute.instance_actions import Action
from minova.compute.power_state import PowerState
from minova.compute.storing import until_stored
from minova.compute.vm_states import VMState
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.instance import Instance

LOG = logging.getLogger("minova.compute.manager")


class Performer(Protocol):
    """What a class needs for its methods to perform actions."""

    db: Database
    host: str
    in_hand: "InHand"
    suspects: set[str]

    def get_power_state(self, instance: Instance) -> PowerState: ...


def on_guest(instance_uuid: str) -> contextlib.AbstractContextManager[object]:
    """One change at a time on a guest, whoever makes it."""
    lock: contextlib.AbstractContextManager[object] = lockutils.internal_lock(
        instance_uuid
    )
    return lock


M = TypeVar("M", bound=Performer)
Method = Callable[[M, RequestContext, Instance], None]


class InHand:
    """The requests that a thread of this process is performing right now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: set[tuple[str, str]] = set()

    @contextlib.contextmanager
    def hold(self, instance_uuid: str, request_id: str) -> Iterator[None]:
        held = (instance_uuid, request_id)
        with self._lock:
            self._requests.add(held)
        try:
            yield
        finally:
            with self._lock:
                self._requests.discard(held)

    def __len__(self) -> int:
        with self._lock:
            return len(self._requests)

    def __contains__(self, held: tuple[str, str | None]) -> bool:
        with self._lock:
            return held in self._requests


class Performed:
    """A method of the manager that performs one action of the table.

    Attributes:
        action: the row.
        event: what the record calls an attempt, as Nova does: ``compute_<method>``.
    """

    def __init__(self, action: Action, method: Callable[..., None]) -> None:
        functools.update_wrapper(self, method)
        self.action = action
        self.event = f"compute_{method.__name__}"
        self._method = method

    def __get__(self, manager: Any, owner: type) -> Any:
        if manager is None:
            return self
        return types.MethodType(self, manager)

    def __call__(
        self, manager: Any, context: RequestContext, instance_uuid: str
    ) -> None:
        """Perform the action for the request that claimed it; drop what comes late."""
        request_id = str(context.request_id)
        with (
            manager.in_hand.hold(instance_uuid, request_id),
            # A delete waits for the pause it preempts.
            on_guest(instance_uuid),
        ):
            # The message is acknowledged: who gave up now would leave it to settling.
            instance = until_stored(
                lambda again: manager.db.instance_start(
                    instance_uuid,
                    request_id,
                    self.action,
                    self.event,
                    manager.host,
                    again=again,
                ),
                f"the begin of {self.action.name}",
                instance_uuid=instance_uuid,
            )
            if instance is None:
                LOG.warning(
                    "Too late to %s: the claim of this request is gone",
                    self.action.name,
                    instance_uuid=instance_uuid,
                )
                return
            self._perform(manager, context, instance)

    def settle(self, manager: Any, context: RequestContext, instance: Instance) -> None:
        """Bring an action to its end that was started and is in nobody's hands.

        The hypervisor decides: where the guest is already where the action leads, the
        result is stored; otherwise it is performed again, which all actions of the
        table allow.  A claim that came to its end since ``instance`` was read is left.
        """
        with (
            manager.in_hand.hold(instance.uuid, str(context.request_id)),
            on_guest(instance.uuid),
        ):
            now = manager.db.instance_get(instance.uuid)
            if now is None or now.claim_request_id != instance.claim_request_id:
                return
            if self._is_done(manager, now):
                self._finish(manager, context, now)
            else:
                self._perform(manager, context, now)

    def _is_done(self, manager: Any, instance: Instance) -> bool:
        # A guest that is gone tells nothing of its files: a delete is always repeated.
        target = self.action.target_power_state
        if target is PowerState.NOSTATE:
            return False
        return bool(manager.get_power_state(instance) is target)

    def _perform(
        self, manager: Any, context: RequestContext, instance: Instance
    ) -> None:
        try:
            self._method(manager, context, instance)
        except exception.HypervisorLost as error:
            # What of it was done only the hypervisor can say, when it is back: the
            # claim stays, and settling asks.
            LOG.warning(
                "Lost the hypervisor while %s, to be settled when it is back: %s",
                self.action.task_state,
                error,
                instance_uuid=instance.uuid,
            )
            return
        except Exception as error:
            self._fail(manager, context, instance, error)
            raise
        # Should this fail, the claim stays and is settled later: the guest is where it
        # should be, and a failure on record would say otherwise.  A database that is
        # away is waited for.
        self._finish(manager, context, instance)

    def _finish(
        self, manager: Any, context: RequestContext, instance: Instance
    ) -> None:
        try:
            power_state = manager.get_power_state(instance)
        except (exception.HypervisorUnavailable, exception.HypervisorSilent):
            # It has done what it was asked for; what it does next is told by events.
            power_state = self.action.target_power_state
        done = until_stored(
            lambda _again: manager.db.instance_finish(
                instance.uuid, str(context.request_id), self.action, power_state
            ),
            f"the result of {self.action.name}",
            instance_uuid=instance.uuid,
        )
        if not done:
            manager.suspects.add(instance.uuid)
            LOG.info(
                "Task possibly preempted: %s is not %s any more",
                "task_state",
                self.action.task_state,
                instance_uuid=instance.uuid,
            )

    def _fail(
        self,
        manager: Any,
        context: RequestContext,
        instance: Instance,
        error: Exception,
    ) -> None:
        failure = failures.describe(error)
        action = self.action
        if isinstance(error, exception.CallStillHangs) and (
            instance.vm_state is not VMState.BUILDING
        ):
            # The guest was not touched, so the server is what it was.
            action = dataclasses.replace(action, failed_vm_state=None)
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
                self.action.task_state,
                instance_uuid=instance.uuid,
            )


def performs(action: Action) -> Callable[[Method[M]], Performed]:
    """Make a method of ``ComputeManager`` the one that performs ``action``.

    The message brings ``instance_uuid``; the method gets the ``Instance``, read afresh.

    Before: the claim is started, by the request that took it and only once.  If it is
    gone (the server was deleted, the action settled, or this is a second copy of the
    message) the message is dropped and the hypervisor is left alone.
    After: ``target_vm_state`` and the hypervisor's power state are stored, the event is
    closed with ``Success`` and the claim is given back, all in one transaction.
    If the hypervisor goes away in the middle, the claim stays and is settled later.
    On any other failure: the claim is given back, ``vm_state`` stays or becomes
    ``failed_vm_state``, event, action and fault say why, and the error goes on to
    oslo.messaging, which logs it.

    In Nova these are four decorators: ``wrap_exception``, ``reverts_task_state``,
    ``wrap_instance_event`` and ``wrap_instance_fault``.
    """

    def decorate(method: Method[M]) -> Performed:
        return Performed(action, method)

    return decorate
