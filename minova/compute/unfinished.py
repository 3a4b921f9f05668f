# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Settle actions that nobody is performing any more: a 202 is a promise.

oslo.messaging acknowledges a message before it runs the method, and a broker can lose a
queue.  A process can die between the claim and the cast, between the cast and the
guest, or between the guest and the row.  So only the row says what is unfinished.
"""

import functools
import threading
from concurrent import futures
from typing import Final

from oslo_log import log as logging

from minova import exception
from minova.compute.manager import ComputeManager
from minova.compute.performs import Performed
from minova.compute.steps import as_it_is_now
from minova.context import RequestContext
from minova.objects.action_record import ActionRecord
from minova.objects.instance import Instance
from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import Action
from minova.vocabulary.lane import Lane

LOG = logging.getLogger("minova.compute.manager")

_DOUBTS_LAST: Final = 5
"""Seconds.  In this time n-api tries ten times (minova.db.connection.doubts)."""
_AT_A_TIME: Final = {Lane.QUICK: 8, Lane.BUILDS: 8, Lane.WAITS: 500}  # threads


class Settlement:
    """Finds actions that nobody is performing any more, and ends them.

    A slow action delays neither the next round nor the actions of another lane.
    """

    def __init__(self, manager: ComputeManager) -> None:
        self._manager = manager
        self._pools = {
            lane: futures.ThreadPoolExecutor(threads, f"settle-{lane.value}")
            for lane, threads in _AT_A_TIME.items()
        }
        self._lock = threading.Lock()
        self._in_hand: set[tuple[str, str | None]] = set()
        self._stopped = False

    def begin(self, older_than: float) -> list[futures.Future[None]]:
        """Begin to settle the claims of this host.

        A claim that was never started is performed now.  If its message still comes, it
        is dropped.  A started claim that no thread performs was left by a process that
        died.  The hypervisor then tells how much was done.

        Args:
            older_than: seconds that a claim waits for its message.  0 at start-up, when
                no thread can have the message.  A started claim does not wait.

        Returns:
            The tasks that began in this round.  None of them raises.
        """
        manager = self._manager
        unfinished = manager.db.instances_unfinished(manager.host, older_than)
        # After an outage, n-api first gives back the claims whose commit is in doubt.
        too_early = manager.db.answering_for() < min(older_than, _DOUBTS_LAST)
        away = threading.Event()
        begun = [
            self._begin_one(instance, older_than, away)
            for instance in unfinished
            if (instance.uuid, instance.claim_request_id) not in manager.in_hand
            and not (instance.claim_started_at is None and too_early)
        ]
        return [each for each in begun if each is not None]

    def stop(self) -> None:
        """Begin nothing more, and wait for the running actions."""
        with self._lock:
            self._stopped = True
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)

    def _begin_one(
        self, instance: Instance, older_than: float, away: threading.Event
    ) -> futures.Future[None] | None:
        """Begin to settle a claim, unless an earlier round is still at work on it."""
        claim = (instance.uuid, instance.claim_request_id)
        with self._lock:
            if self._stopped or claim in self._in_hand:
                return None
            self._in_hand.add(claim)
            pool = self._pools[_lane_of(instance)]
            begun = pool.submit(_settle, self._manager, instance, older_than, away)
        begun.add_done_callback(lambda _begun: self._is_over(claim))
        return begun

    def _is_over(self, claim: tuple[str, str | None]) -> None:
        with self._lock:
            self._in_hand.discard(claim)


def _lane_of(instance: Instance) -> Lane:
    """Return the task's lane.  An unknown task is quick, because it is left alone."""
    assert instance.task_state is not None
    rows = instance_actions.of_task_state(instance.task_state)
    return rows[0].lane if rows else Lane.QUICK


def _settle(
    manager: ComputeManager,
    instance: Instance,
    older_than: float,
    away: threading.Event,
) -> None:
    if away.is_set():
        return
    try:
        # A thread may have started or ended it after the claims were read.
        now = as_it_is_now(manager.db, instance)
        if now is not None:
            _settle_one(manager, now, older_than)
    except exception.Unavailable as error:
        away.set()
        LOG.warning("Cannot settle anything now: %s", error)
    except exception.MinovaError as error:
        LOG.warning(
            "Could not settle %s: %s",
            instance.task_state,
            error,
            instance_uuid=instance.uuid,
        )
    except Exception:
        LOG.exception(
            "Failed to settle %s", instance.task_state, instance_uuid=instance.uuid
        )


@functools.lru_cache
def _say_unknown(instance_uuid: str, task_state: str) -> None:
    """Log it once for each task, because there is a round every few seconds.

    A delete, or an admin's ``os-resetState``, ends such a task.
    """
    LOG.warning(
        "Cannot settle %s: this version of minova does not know it",
        task_state,
        instance_uuid=instance_uuid,
    )


def _settle_one(manager: ComputeManager, instance: Instance, older_than: float) -> None:
    record = manager.db.action_get(instance.uuid, str(instance.claim_request_id))
    context = _context_of(instance, record)
    action = _action_of(instance, record)
    if action is None:
        _say_unknown(instance.uuid, str(instance.task_state))
        return
    performed: Performed = getattr(type(manager), action.rpc_method)
    LOG.warning(
        "Instance in transitional state (%s)%s and power state is (%s), %s",
        instance.task_state,
        _since_when(instance, older_than),
        int(manager.get_power_state(instance)),
        "performing the action, because no host had started it"
        if instance.claim_started_at is None
        else "completing the action, because a host had started it",
        instance_uuid=instance.uuid,
    )
    if instance.claim_started_at is None:
        performed(manager, context, instance.uuid)
    else:
        performed.settle(manager, context, instance)


def _since_when(instance: Instance, older_than: float) -> str:
    if not older_than:
        return " at start-up"
    # A started claim does not wait.
    return f" for {older_than} s" if instance.claim_started_at is None else ""


def _action_of(instance: Instance, record: ActionRecord | None) -> Action | None:
    """Return the claim's action: by its record, or without one by ``task_state``."""
    assert instance.task_state is not None
    if record is not None:
        return instance_actions.of_claim(record.action, instance.task_state)
    return next(iter(instance_actions.of_task_state(instance.task_state)), None)


def _context_of(instance: Instance, record: ActionRecord | None) -> RequestContext:
    """Return the context of the request that took the claim, so that logs match."""
    return RequestContext(
        request_id=instance.claim_request_id,
        user_id=record.user_id if record else None,
        project_id=record.project_id if record else None,
        user_name=record.user_name if record else None,
        project_name=record.project_name if record else None,
        overwrite=True,
    )
