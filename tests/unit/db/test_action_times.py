# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An action is updated each time that a host does something for it."""

import datetime
from typing import Final

import pytest
import sqlalchemy as sa

from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import actions
from minova.objects.action_record import ActionRecord, Failure
from minova.vocabulary.instance_actions import PAUSE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from tests.unit.conftest import HOST, NewServer

_LONG_AGO: Final = datetime.datetime(2026, 11, 1)
_SINCE: Final = datetime.datetime(2026, 11, 2)
_ENDS: Final = ("not begun", "begun", "done", "failed")


@pytest.mark.parametrize("end", _ENDS)
def test_an_action_is_updated_when_it_begins_and_ends(
    db: Database, new_server: NewServer, sql: sa.Engine, end: str
) -> None:
    server = new_server(task_state=TaskState.PAUSING)
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.update(actions)
            .where(actions.c.request_id == "req-1")
            .values(start_time=_LONG_AGO, updated_at=_LONG_AGO)
        )

    record = _bring_to(end, db, server.uuid)

    found = db.action_list(server.uuid, changes_since=_SINCE)
    older = db.action_list(server.uuid, changes_before=_SINCE)
    if end == "not begun":
        assert record.updated_at == _LONG_AGO
        assert "req-1" in {each.request_id for each in older}
        return
    (event,) = record.events
    assert record.updated_at is not None
    assert event.start_time is not None
    assert record.updated_at >= (event.finish_time or event.start_time)
    assert {each.request_id: each.updated_at for each in found}["req-1"] == (
        record.updated_at
    )
    assert "req-1" not in {each.request_id for each in older}


def _bring_to(end: str, db: Database, uuid: str) -> ActionRecord:
    if end != "not begun":
        assert db.instance_start(uuid, "req-1", [PAUSE], HOST)
    if end == "done":
        assert db.instance_finish(uuid, "req-1", PAUSE, PowerState.PAUSED)
    if end == "failed":
        failure = Failure(fault="No", details="No", traceback="")
        assert db.instance_fail(uuid, "req-1", PAUSE, failure, HOST)
    record = db.action_get(uuid, "req-1")
    assert record is not None
    return record
