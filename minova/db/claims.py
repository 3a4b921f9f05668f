# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The lock on a server: taking, starting, ending and giving back a ``task_state``.

A claim is a ``task_state`` together with the request that took it
(``claim_request_id``), the request's arguments (``claim_arguments``) and the moment a
host started on it (``claim_started_at``).  n-api takes a claim.  n-cpu starts it, moves
it on and ends it.  n-api may give it back until it is started.
"""

import dataclasses
import datetime
import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from minova.context import RequestContext
from minova.db import moves, quotas, records, rows, server_groups
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.hosts import room as hosts
from minova.db.instances import networks
from minova.db.tables import instances
from minova.objects.action_record import Failure
from minova.objects.instance import Instance
from minova.objects.migration import NewSize
from minova.objects.quota import CreateQuota
from minova.vocabulary.instance_actions import Action, Argument
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

Restored = tuple[Instance, CreateQuota]
"""A server that counts against its owner's quota again, and that quota."""

NONE: Final[Mapping[str, Any]] = {
    "task_state": None,
    "claim_request_id": None,
    "claim_started_at": None,
    "claimed_at": None,
    "claim_arguments": None,
}
"""The claim columns of a server that no request holds."""
_FORMER: Final = "former"
"""The claim argument with the former values of the columns that the claim changed."""
_CHANGES: Final = "changes"
"""The claim argument with the new values of these columns."""

_SINCE: Final[Mapping[VMState, Mapping[str, Any]]] = {
    VMState.SOFT_DELETED: {"deleted_at": utcnow()}
}
"""The columns to set together with a ``vm_state`` whose age matters."""


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it was taken.

    Attributes:
        former: the former values of the claim's columns and of the changed columns.
            They are restored if the claim is given back.
        changes: the new values of the changed columns.
    """

    instance_uuid: str
    request_id: str
    action: Action
    former: Mapping[str, Any]
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Claims(Transactions):
    @question
    def instance_claim(
        self,
        context: RequestContext,
        instance_uuid: str,
        action: Action,
        arguments: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
        *,
        size: NewSize | None = None,
        restored: Restored | None = None,
    ) -> Claim | None:
        """Take a server for an action, if the action may start from its state.

        The UPDATE is a compare-and-swap and the only lock on a server: its WHERE clause
        names the states that the action may start from.  If two requests saw the same
        row, only one UPDATE matches.  The record in ``instance_actions`` is committed
        with it.

        Args:
            changes: columns to set with the claim.  A claim that is given back, or that
                fails and leaves the server as it was, restores their former values.
                Values that somebody else set meanwhile stay.
            size: the wanted size, for a resize.
            restored: the server that counts against its owner's quota again.

        Returns:
            The claim, or None if the server may not be taken.

        Raises:
            TooManyInstances: the quota has no room for the resized or restored server.
            NoValidHostForResize: the host has no room for the resized server, or takes
                no servers now.
        """
        of_it = {"of_server": instance_uuid}
        claim = Claim(instance_uuid, str(context.request_id), action, former=NONE)
        with self._write(lambda: self.instance_unclaim(claim)) as connection:
            if action.preempts or changes or restored:
                if restored is not None:
                    owner, quota = restored
                    quotas.check_create(connection, owner, quota, owner.flavor)
                former = [instances.c[name] for name in (*NONE, *(changes or ()))]
                held = sa.select(*former).where(_free_for(action)).with_for_update()
                row = connection.execute(held, of_it).one_or_none()
                if row is not None:
                    claim = dataclasses.replace(
                        claim, former=dict(row._mapping), changes=changes or {}
                    )
                    arguments = _with_former(arguments, changes, row)
            take = _take(action)
            taken = connection.execute(
                take.values(**changes) if changes else take,
                {
                    **of_it,
                    "claim_request_id": context.request_id,
                    "claim_arguments": arguments,
                },
            )
            if taken.rowcount != 1:
                return None
            records.start_action(connection, context, instance_uuid, action.name)
            if action.name in moves.ACTIONS:
                moves.begin(connection, instance_uuid, action, size)
        return claim

    @question
    def instance_unclaim(self, claim: Claim) -> bool:
        """Give back a claim whose message could not be delivered.

        Matches only a claim that no host has started.  The message may have arrived,
        even if the broker's answer was lost.

        Returns:
            Whether the claim was given back.  False if a host has started it, or if the
            server has no such claim.
        """
        with self._write() as connection:
            former = _as_before(
                connection, claim.instance_uuid, claim.former, claim.changes
            )
            given_back = connection.execute(
                sa.update(instances)
                .where(
                    _claimed(claim.action.task_states),
                    instances.c.claim_started_at.is_(None),
                )
                .values(
                    **{name: claim.former[name] for name in NONE},
                    **former,
                    updated_at=utcnow(),
                ),
                _asked(claim.instance_uuid, claim.request_id),
            )
            if given_back.rowcount != 1:
                return False
            records.fail_action(connection, claim.instance_uuid, claim.request_id)
            if (name := claim.action.name) in moves.ACTIONS:
                moves.fail(connection, claim.instance_uuid, name, unharmed=True)
        return True

    @question
    def instance_is_claimed_lately(
        self, instance_uuid: str, action: Action, within: float
    ) -> bool:
        """Whether the server has a recent, unstarted claim that this action spares.

        Args:
            within: the maximum age of a recent claim, in seconds.
        """
        claimed = sa.select(
            instances.c.claimed_at, utcnow().label("database_now")
        ).where(
            instances.c.uuid == instance_uuid,
            rows.LIVING,
            instances.c.task_state.in_(action.spares),
            instances.c.claim_started_at.is_(None),
        )
        with self._read() as connection:
            row = connection.execute(claimed).one_or_none()
        if row is None:
            return False
        age: datetime.timedelta = row.database_now - row.claimed_at
        return age < datetime.timedelta(seconds=within)

    @question
    def instance_start(
        self,
        instance_uuid: str,
        request_id: str,
        actions: Sequence[Action],
        host: str,
        *,
        again: bool = False,
    ) -> Instance | None:
        """Start a claim on this host.  From now on only this host ends it.

        Args:
            actions: the actions that the message may stand for; the claim says which.
            again: this thread tried before and does not know whether that succeeded.
                If the claim is already started, this thread has started it.

        Returns:
            The server as it is now.  None if the claim is gone, belongs to another
            request or is already started (a late or a second message).  The caller must
            then leave the hypervisor alone.
        """
        start = _start(tuple(actions), again)
        with self._write() as connection:
            instance = rows.change_one(
                connection, start, _asked(instance_uuid, request_id)
            )
            if instance is None:
                records.end_preempted(connection, instance_uuid, request_id)
            elif not (
                again and records.has_open_event(connection, instance_uuid, request_id)
            ):
                records.start_event(
                    connection, instance_uuid, request_id, actions[0].event, host
                )
        return instance

    @question
    def instance_move(
        self,
        instance_uuid: str,
        request_id: str,
        action: Action,
        to: TaskState,
        event: str | None = None,
    ) -> bool:
        """Move a claim to a later step of its action.

        Args:
            event: the name of the step's event, if the step has its own.

        Returns:
            Whether the claim was still ours.  If not, the caller must leave the
            hypervisor alone.
        """
        with self._write() as connection:
            moved = connection.execute(
                sa.update(instances)
                .where(_claimed(action.task_states))
                .values(task_state=to, updated_at=utcnow()),
                _asked(instance_uuid, request_id),
            )
            if moved.rowcount != 1:
                return False
            if event is not None:
                records.go_on_to_event(connection, instance_uuid, request_id, event)
            if to in moves.STATUS:
                moves.go_on(connection, instance_uuid, moves.STATUS[to])
        return True

    @question
    def instance_is_held(self, instance_uuid: str, request_id: str) -> bool:
        """Whether a request still holds a server.  Another may have taken it over."""
        held = sa.select(instances.c.claim_request_id).where(
            instances.c.uuid == instance_uuid
        )
        with self._read() as connection:
            return bool(connection.scalar(held) == request_id)

    @question
    def instance_finish(
        self,
        instance_uuid: str,
        request_id: str,
        action: Action,
        power_state: PowerState,
    ) -> bool:
        """End a claim with success: set the action's final state, end its event.

        Returns:
            Whether the claim was still ours.  If another action (delete) took it over,
            the row stays as it is and the event says so.
        """
        asked = _asked(instance_uuid, request_id) | {"power_state": power_state}
        with self._write() as connection:
            done = connection.execute(_finish(action), asked).rowcount == 1
            if done and action.name in moves.ENDED_BY:
                moves.finish(connection, instance_uuid, action.name)
                if action.leads_to is VMState.DELETED:
                    hosts.give_back(connection, instance_uuid)
                    networks.give_back(connection, instance_uuid)
                    server_groups.leave(connection, instance_uuid)
            if done and action.preempts:
                records.end_all_others(connection, instance_uuid, request_id)
            ended = records.finish_event(
                connection,
                instance_uuid,
                request_id,
                None if done else records.PREEMPTED,
            )
            if done and not ended:
                records.take_back_preempted(connection, instance_uuid, request_id)
        return done

    @question
    def instance_fail(
        self,
        instance_uuid: str,
        request_id: str,
        action: Action,
        failure: Failure,
        host: str,
    ) -> bool:
        """End a claim with failure, and record it in event, action and fault.

        Returns:
            Whether the claim was still ours.
        """
        with self._write() as connection:
            if action.failed_vm_state is None:
                values = _before_the_claim(connection, instance_uuid)
            else:
                values = {"vm_state": action.failed_vm_state}
            failed = _release(action.task_states).values(**values)
            asked = _asked(instance_uuid, request_id)
            done = connection.execute(failed, asked).rowcount == 1
            if done and action.name in moves.ACTIONS:
                unharmed = action.failed_vm_state is None
                moves.fail(connection, instance_uuid, action.name, unharmed=unharmed)
            elif done and action.name in moves.ENDED_BY:
                moves.settle_after_delete(connection, instance_uuid)
            if done and action.preempts:
                records.end_all_others(connection, instance_uuid, request_id)
            ended = records.finish_event(connection, instance_uuid, request_id, failure)
            if ended and failure.fault is not None:
                records.add_fault(connection, instance_uuid, failure, host)
        return done


def led_to(action: Action) -> dict[str, Any]:
    """The ``vm_state`` that an action leads to, as values of an UPDATE."""
    if isinstance(action.leads_to, VMState):
        return {"vm_state": action.leads_to, **_SINCE.get(action.leads_to, {})}
    if action.leads_to is None:
        return {}
    if isinstance(action.leads_to, Argument):
        said = instances.c.claim_arguments[action.leads_to.name].as_string()
        return {"vm_state": said}
    return {"vm_state": sa.case(dict(action.leads_to), value=instances.c.vm_state)}


def _may_start(action: Action) -> Any:
    """``Action.may_start`` as the WHERE condition of a claim."""
    may: Any = instances.c.task_state.is_(None)
    if action.takes_over_anything:
        may |= ~_is_one_of(instances.c.task_state, action.spares)
    elif action.preempts:
        may |= _is_one_of(instances.c.task_state, action.preempts)
    if action.starts_anywhere:
        return may
    return may & _is_one_of(instances.c.vm_state, action.vm_states)


def _is_one_of(column: sa.ColumnElement[Any], states: Collection[str]) -> Any:
    """Not IN: SQLAlchemy would write it again each time (0.02 ms, measured)."""
    return sa.or_(sa.false(), *(column == state for state in states))


@functools.cache
def _free_for(action: Action) -> Any:
    """The condition that an action may start from a server's state."""
    free = (instances.c.uuid == rows.OF_SERVER) & rows.LIVING & _may_start(action)
    if action.must_have_launched:
        free &= instances.c.launched_at.is_not(None)
    return free


@functools.cache
def _take(action: Action) -> sa.Update:
    return (
        sa.update(instances)
        .where(_free_for(action))
        .values(
            task_state=action.task_state,
            claim_started_at=None,
            claimed_at=utcnow(),
            updated_at=utcnow(),
        )
    )


@functools.cache
def _start(actions: tuple[Action, ...], again: bool) -> sa.Update:
    steps = [step for action in actions for step in action.task_states]
    return (
        sa.update(instances)
        .where(
            _claimed(steps),
            sa.true() if again else instances.c.claim_started_at.is_(None),
        )
        .values(claim_started_at=utcnow())
    )


@functools.cache
def _release(steps: tuple[TaskState, ...]) -> sa.Update:
    return (
        sa.update(instances)
        .where(_claimed(steps))
        .values(
            **NONE,
            # Only a build needs the password, and any build is over now.
            admin_password=None,
            updated_at=utcnow(),
        )
    )


@functools.cache
def _finish(action: Action) -> sa.Update:
    finish = _release(action.task_states).values(**led_to(action))
    if action.launches:
        finish = finish.values(launched_at=utcnow())
    if action.leads_to is VMState.DELETED:
        finish = finish.values(
            deleted=True, deleted_at=utcnow(), terminated_at=utcnow()
        )
    return finish


def _claimed(steps: Sequence[TaskState]) -> Any:
    """The condition that a request holds a server in one of these steps."""
    return sa.and_(
        instances.c.uuid == rows.OF_SERVER,
        instances.c.claim_request_id == rows.BY_REQUEST,
        _is_one_of(instances.c.task_state, steps),
    )


def _asked(instance_uuid: str, request_id: str) -> dict[str, Any]:
    return {"of_server": instance_uuid, "by_request": request_id}


def _with_former(
    arguments: Mapping[str, Any] | None,
    changes: Mapping[str, Any] | None,
    row: sa.Row[Any],
) -> Mapping[str, Any] | None:
    if not changes:
        return arguments
    return {
        **(arguments or {}),
        _FORMER: {name: row._mapping[name] for name in changes},
        _CHANGES: dict(changes),
    }


def _before_the_claim(
    connection: sa.Connection, instance_uuid: str
) -> Mapping[str, Any]:
    """The former values of the columns that the current claim changed."""
    query = sa.select(instances.c.claim_arguments).where(
        instances.c.uuid == instance_uuid
    )
    arguments = connection.scalar(query) or {}
    former: Mapping[str, Any] = arguments.get(_FORMER, {})
    if _CHANGES not in arguments:  # no changes, or a claim of an earlier version
        return former
    return _as_before(connection, instance_uuid, former, arguments[_CHANGES])


def _as_before(
    connection: sa.Connection,
    instance_uuid: str,
    former: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> Mapping[str, Any]:
    """The columns' values before a claim, with later changes by others."""
    if not changes:
        return {}
    columns = [instances.c[name] for name in changes]
    query = sa.select(*columns).where(instances.c.uuid == instance_uuid)
    now = connection.execute(query.with_for_update()).one()._mapping
    return {name: _undone(former[name], changes[name], now[name]) for name in changes}


def _undone(before: Any, made: Any, now: Any) -> Any:
    """Undo a change of a value, unless somebody changed it again since.

    A mapping is undone item by item.
    """
    if now == made:
        return before
    if not all(isinstance(value, Mapping) for value in (before, made, now)):
        return now
    items = {
        key: _undone(before.get(key), made.get(key), now.get(key))
        for key in {*before, *now}
    }
    return {key: value for key, value in items.items() if value is not None}
