# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The statements of a pause, asked straight down: no retries, no refusals."""

from typing import Any, Final

import sqlalchemy as sa

from minova.db.clock import utcnow
from minova.db.connection.transactions import Transactions
from minova.db.rows import BY_REQUEST, INSTANCE, OF_SERVER
from minova.db.tables import actions, events, instances

LEADS: Final = {"pause": ("pausing", "paused"), "unpause": ("unpausing", "active")}
"""The ``task_state`` and the ``vm_state`` of each action."""

_ROW = sa.select(*INSTANCE).where(instances.c.uuid == OF_SERVER)
_CLAIM = (
    sa.update(instances)
    .where(instances.c.uuid == OF_SERVER, instances.c.task_state.is_(None))
    .values(claim_request_id=BY_REQUEST, claim_started_at=None, updated_at=utcnow())
)
_RECORD = sa.insert(actions).values(start_time=utcnow(), updated_at=utcnow())
_HELD = sa.and_(
    instances.c.uuid == OF_SERVER, instances.c.claim_request_id == BY_REQUEST
)
_START = (
    sa.update(instances)
    .where(_HELD, instances.c.claim_started_at.is_(None))
    .values(claim_started_at=utcnow())
)
_RETURNING = _START.returning(*INSTANCE)
_ACTION_ID = (
    sa.select(actions.c.id)
    .where(actions.c.instance_uuid == OF_SERVER, actions.c.request_id == BY_REQUEST)
    .scalar_subquery()
)
_OPEN = sa.insert(events).values(action_id=_ACTION_ID, start_time=utcnow())
_FINISH = (
    sa.update(instances)
    .where(_HELD)
    .values(task_state=None, claim_request_id=None, updated_at=utcnow())
)
_CLOSE = (
    sa.update(events)
    .where(events.c.action_id == _ACTION_ID, events.c.finish_time.is_(None))
    .values(finish_time=utcnow(), result="Success")
)


class Rows(Transactions):
    """Four questions, on minova's own connections."""

    def show(self, uuid: str) -> sa.RowMapping:
        with self._read() as connection:
            return connection.execute(_ROW, {"of_server": uuid}).one()._mapping

    def claim(self, uuid: str, request_id: str, action: str) -> bool:
        values = {"task_state": LEADS[action][0]}
        record = {"action": action, "instance_uuid": uuid, "request_id": request_id}
        record |= {"user_id": "bench", "project_id": "bench"}
        with self._write() as connection:
            asked = _asked(uuid, request_id)
            claimed = connection.execute(_CLAIM, asked | values).rowcount == 1
            if claimed:
                connection.execute(_RECORD, record)
        return claimed

    def start(self, uuid: str, request_id: str, action: str, host: str) -> None:
        asked = _asked(uuid, request_id)
        event = {"event": f"compute_{action}_instance", "host": host}
        with self._write() as connection:
            if connection.dialect.update_returning:
                connection.execute(_RETURNING, asked).one()
            else:
                connection.execute(_START, asked)
                connection.execute(_ROW, asked).one()
            connection.execute(_OPEN, asked | event)

    def finish(self, uuid: str, request_id: str, action: str, power: int) -> None:
        asked = _asked(uuid, request_id)
        values = {"vm_state": LEADS[action][1], "power_state": power}
        with self._write() as connection:
            connection.execute(_FINISH, asked | values)
            connection.execute(_CLOSE, asked)


def _asked(uuid: str, request_id: str) -> dict[str, Any]:
    return {"of_server": uuid, "by_request": request_id}
