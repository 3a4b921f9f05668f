# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The history of a server: actions, events and faults, written with the claims."""

import datetime
from typing import Any, Final

import sqlalchemy as sa

from minova.context import RequestContext
from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions, question
from minova.db.rows import BY_REQUEST, OF_SERVER
from minova.db.tables import actions, events, faults
from minova.objects.action_record import ActionRecord, Event, Failure
from minova.vocabulary import instance_actions

_EVENT = [
    events.c.event,
    events.c.host,
    events.c.start_time,
    events.c.finish_time,
    events.c.result,
    events.c.details,
    events.c.traceback,
]
_updated_at = sa.func.coalesce(
    sa.select(sa.func.max(sa.func.coalesce(events.c.finish_time, events.c.start_time)))
    .where(events.c.action_id == actions.c.id)
    .scalar_subquery(),
    actions.c.updated_at,
)
"""When the last event started or ended, as in Nova; without events, the row's time."""
_ACTION = [
    *(column for column in actions.c if column.name not in ("id", "updated_at")),
    _updated_at.label("updated_at"),
]
_EVENTS: Final = {action.name: action.event for action in instance_actions.ALL}
"""The name of the event, by the name of its action."""

PREEMPTED: Final = Failure(fault=None, details="Preempted")
"""Another request took the server over before the host ended the claim."""


class Records(Transactions):
    """The questions for ``os-instance-actions``."""

    @question
    def action_list(
        self,
        instance_uuid: str,
        *,
        limit: int | None = None,
        after: str | None = None,
        changes_since: datetime.datetime | None = None,
        changes_before: datetime.datetime | None = None,
    ) -> list[ActionRecord]:
        """Every request that was accepted for a server, newest first.

        Args:
            limit: None asks for all.
            after: the page starts after this request id.
            changes_since, changes_before: limits of ``updated_at``, both inclusive.
        """
        query = (
            sa.select(*_ACTION)
            .where(actions.c.instance_uuid == instance_uuid)
            .order_by(actions.c.id.desc())
            .limit(limit)
        )
        if after is not None:
            marker = sa.select(actions.c.id).where(_of(instance_uuid, after))
            query = query.where(actions.c.id < marker.scalar_subquery())
        if changes_since is not None:
            query = query.where(_updated_at >= changes_since)
        if changes_before is not None:
            query = query.where(_updated_at <= changes_before)
        with self._read() as connection:
            return [ActionRecord(**row._mapping) for row in connection.execute(query)]

    @question
    def action_get(self, instance_uuid: str, request_id: str) -> ActionRecord | None:
        """One accepted request with its events, oldest event first."""
        with self._read_together() as connection:
            row = connection.execute(
                sa.select(*_ACTION).where(_of(instance_uuid, request_id))
            ).one_or_none()
            if row is None:
                return None
            found = connection.execute(
                sa.select(*_EVENT)
                .join(actions, actions.c.id == events.c.action_id)
                .where(_of(instance_uuid, request_id))
                .order_by(events.c.id)
            )
            return ActionRecord(
                **row._mapping, events=tuple(Event(**event._mapping) for event in found)
            )


def start_action(
    connection: sa.Connection, context: RequestContext, instance_uuid: str, name: str
) -> None:
    connection.execute(
        _START_ACTION,
        {
            "action": name,
            "instance_uuid": instance_uuid,
            "request_id": context.request_id,
            "user_id": context.user_id or "",
            "project_id": context.project_id or "",
            "user_name": context.user_name,
            "project_name": context.project_name,
        },
    )


def fail_action(
    connection: sa.Connection, instance_uuid: str, request_id: str, *only_if: Any
) -> None:
    connection.execute(
        sa.update(actions)
        .where(_of(instance_uuid, request_id), *only_if)
        .values(message="Error", updated_at=utcnow())
    )


def end_preempted(
    connection: sa.Connection, instance_uuid: str, request_id: str
) -> None:
    """Record that no host will ever start an accepted request.

    An event is added to hold the reason.  A refused request (503) is already recorded
    as failed.  A request that a host has started is left to that host.
    """
    started = sa.exists().where(events.c.action_id == actions.c.id)
    action = connection.execute(
        sa.select(actions.c.id, actions.c.action).where(
            _of(instance_uuid, request_id), actions.c.message.is_(None), ~started
        )
    ).one_or_none()
    if action is None:
        return
    connection.execute(
        sa.insert(events).values(
            action_id=action.id,
            event=_EVENTS[action.action],
            start_time=utcnow(),
            finish_time=utcnow(),
            result="Error",
            details=PREEMPTED.details,
        )
    )
    fail_action(connection, instance_uuid, request_id)


def take_back_preempted(
    connection: sa.Connection, instance_uuid: str, request_id: str
) -> None:
    """Record that a preempted request was done after all.

    A delete had taken the server over.  Its cast failed, and its claim was given back.
    """
    action_id = sa.select(actions.c.id).where(_of(instance_uuid, request_id))
    taken_back = connection.execute(
        sa.update(events)
        .where(
            events.c.action_id == action_id.scalar_subquery(),
            events.c.details == PREEMPTED.details,
        )
        .values(result="Success", details=None, finish_time=utcnow())
    )
    if taken_back.rowcount:
        connection.execute(
            sa.update(actions)
            .where(_of(instance_uuid, request_id))
            .values(message=None, updated_at=utcnow())
        )


def end_all_others(
    connection: sa.Connection, instance_uuid: str, request_id: str
) -> None:
    """End all earlier requests that are still open, because an action took over.

    If the message of such a request was lost, nobody else would end the request.
    """
    of_it = events.c.action_id == actions.c.id
    began = sa.exists().where(of_it)
    is_open = sa.exists().where(of_it, events.c.finish_time.is_(None))
    others = connection.scalars(
        sa.select(actions.c.request_id).where(
            actions.c.instance_uuid == instance_uuid,
            actions.c.request_id != request_id,
            actions.c.action.in_(_EVENTS),
            actions.c.message.is_(None),
            ~began | is_open,
        )
    ).all()
    for other in others:
        preempt(connection, instance_uuid, other)


def preempt(connection: sa.Connection, instance_uuid: str, request_id: str) -> None:
    """Record that another request took the server over from this request."""
    if not finish_event(connection, instance_uuid, request_id, PREEMPTED):
        end_preempted(connection, instance_uuid, request_id)


def start_event(
    connection: sa.Connection,
    instance_uuid: str,
    request_id: str,
    event: str,
    host: str | None,
) -> None:
    of_it = {"of_server": instance_uuid, "by_request": request_id}
    connection.execute(_START_EVENT, {**of_it, "event": event, "host": host})


def go_on_to_event(
    connection: sa.Connection, instance_uuid: str, request_id: str, event: str
) -> None:
    """Close the open event with success, and open the next one for the same host.

    Does nothing if that event is already open: a host may have opened it and died.
    """
    action_id = sa.select(actions.c.id).where(_of(instance_uuid, request_id))
    now = connection.execute(
        sa.select(events.c.event, events.c.host).where(_open_event_of(action_id))
    ).one()
    if now.event != event:
        finish_event(connection, instance_uuid, request_id, None)
        start_event(connection, instance_uuid, request_id, event, now.host)


def has_open_event(
    connection: sa.Connection, instance_uuid: str, request_id: str
) -> bool:
    """Whether a host has started a request, but has not ended it."""
    action_id = sa.select(actions.c.id).where(_of(instance_uuid, request_id))
    found = connection.scalar(
        sa.select(sa.func.count()).where(_open_event_of(action_id))
    )
    return bool(found)


def finish_event(
    connection: sa.Connection,
    instance_uuid: str,
    request_id: str,
    failure: Failure | None,
) -> bool:
    """Close the open event.  A failure is recorded in the action too.

    Returns:
        False if no event is open: the end was stored before, and nothing changes.
    """
    closed = connection.execute(
        _FINISH_EVENT,
        {
            "of_server": instance_uuid,
            "by_request": request_id,
            "result": "Error" if failure else "Success",
            "details": failure.details if failure else None,
            "traceback": failure.traceback if failure else None,
        },
    )
    if closed.rowcount and failure:
        fail_action(connection, instance_uuid, request_id)
    return closed.rowcount > 0


def add_fault(
    connection: sa.Connection, instance_uuid: str, failure: Failure, host: str | None
) -> None:
    connection.execute(
        sa.insert(faults).values(
            instance_uuid=instance_uuid,
            code=500,
            message=(failure.fault or "")[:255],
            details=failure.traceback,
            host=host,
            created_at=utcnow(),
        )
    )


def _open_event_of(action_id: sa.Select[Any]) -> Any:
    return sa.and_(
        events.c.action_id == action_id.scalar_subquery(),
        events.c.finish_time.is_(None),
    )


def _of(instance_uuid: Any, request_id: Any) -> Any:
    return sa.and_(
        actions.c.instance_uuid == instance_uuid, actions.c.request_id == request_id
    )


_ACTION_ID = sa.select(actions.c.id).where(_of(OF_SERVER, BY_REQUEST))
_START_ACTION: Final = sa.insert(actions).values(
    start_time=utcnow(), updated_at=utcnow()
)
_START_EVENT: Final = sa.insert(events).values(
    action_id=_ACTION_ID.scalar_subquery(), start_time=utcnow()
)
_FINISH_EVENT: Final = (
    sa.update(events).where(_open_event_of(_ACTION_ID)).values(finish_time=utcnow())
)
