# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The arguments of an action are kept as long as its claim."""

import dataclasses
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from minova.db.api import Database
from minova.db.tables import instances
from minova.objects.action_record import Failure
from minova.vocabulary.instance_actions import DELETE, PAUSE, RESCUE, Action, Argument
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import HOST, NewServer, context

_ARGUMENTS = {"rescue_image_ref": None, "admin_password": "open sesame"}


def kept(sql: sa.Engine) -> object:
    with sql.connect() as connection:
        return connection.scalar(sa.select(instances.c.claim_arguments))


@pytest.mark.parametrize("end", ["finish", "fail", "unclaim", "reset"])
def test_they_end_with_the_claim(
    db: Database, new_server: NewServer, sql: sa.Engine, end: str
) -> None:
    server = new_server(VMState.ACTIVE)
    claim = db.instance_claim(context("req-1"), server.uuid, RESCUE, _ARGUMENTS)
    assert claim is not None
    assert kept(sql) == _ARGUMENTS
    if end == "unclaim":
        assert db.instance_unclaim(claim)
    elif end == "reset":
        assert db.instance_reset_state(context("req-2"), server.uuid, VMState.ACTIVE)
    else:
        started = db.instance_start(server.uuid, "req-1", [RESCUE], HOST)
        assert started is not None
        assert started.claim_arguments == _ARGUMENTS
        assert "sesame" not in repr(started)
        if end == "finish":
            assert db.instance_finish(server.uuid, "req-1", RESCUE, PowerState.RUNNING)
        else:
            failure = Failure(fault="No", details="No", traceback="")
            assert db.instance_fail(server.uuid, "req-1", RESCUE, failure, HOST)

    assert kept(sql) is None


def test_a_delete_that_is_given_back_restores_them(
    db: Database, new_server: NewServer, sql: sa.Engine
) -> None:
    server = new_server(VMState.ACTIVE)
    assert db.instance_claim(context("req-1"), server.uuid, RESCUE, _ARGUMENTS)
    taken_over = db.instance_claim(context("req-2"), server.uuid, DELETE)
    assert taken_over is not None
    assert kept(sql) is None

    assert db.instance_unclaim(taken_over)

    assert kept(sql) == _ARGUMENTS
    assert db.instance_start(server.uuid, "req-1", [RESCUE], HOST)


_TO_STATE_BEFORE: Mapping[VMState, VMState] = {
    VMState.ACTIVE: VMState.PAUSED,
    VMState.STOPPED: VMState.STOPPED,
}


@pytest.mark.parametrize(
    ("leads_to", "before", "after"),
    [
        (VMState.PAUSED, VMState.ACTIVE, VMState.PAUSED),
        (None, VMState.ACTIVE, VMState.ACTIVE),
        (None, VMState.STOPPED, VMState.STOPPED),
        (_TO_STATE_BEFORE, VMState.ACTIVE, VMState.PAUSED),
        (_TO_STATE_BEFORE, VMState.STOPPED, VMState.STOPPED),
        (Argument("former_vm_state"), VMState.ACTIVE, VMState.STOPPED),
    ],
)
def test_where_an_action_leads(
    db: Database,
    new_server: NewServer,
    leads_to: VMState | Mapping[VMState, VMState] | Argument | None,
    before: VMState,
    after: VMState,
) -> None:
    """To one state, to the state before, to one for each state, or to the claim's."""
    made_up: Action = dataclasses.replace(
        PAUSE, vm_states=frozenset(VMState), leads_to=leads_to
    )
    server = new_server(before)
    arguments = {"former_vm_state": "stopped"}
    assert db.instance_claim(context("req-1"), server.uuid, made_up, arguments)
    assert db.instance_start(server.uuid, "req-1", [made_up], HOST)

    assert db.instance_finish(server.uuid, "req-1", made_up, PowerState.RUNNING)

    found = db.instance_get(server.uuid)
    assert found is not None
    assert found.vm_state is after
