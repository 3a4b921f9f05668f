# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guard, claim and cast, and when a claim is given back."""

import contextlib
import dataclasses
import pathlib
from typing import Any

import pytest
import sqlalchemy as sa

from minova import exception
from minova.compute.manager import ComputeManager
from minova.compute_api.api import API
from minova.compute_api.projects.quotas import Quotas
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.images import ImageDirectory
from minova.objects.action_record import Failure
from minova.objects.instance_filter import InstanceFilter
from minova.objects.quota import Amounts, CreateQuota
from minova.vocabulary.instance_actions import DELETE, PAUSE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import NewServer, context, new_instance

N_API = "api-1"


class Broker:
    """Takes a number of messages, and refuses the rest."""

    def __init__(self, takes: int) -> None:
        self.takes = takes

    def reserve(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def cast(
        self, context: Any, action: Any, host: str, uuid: str, reservation: None
    ) -> None:
        if self.takes == 0:
            raise exception.ComputeHostUnreachable
        self.takes -= 1


def _api(db: Database, takes: int) -> API:
    broker: Any = Broker(takes)
    images = ImageDirectory(pathlib.Path("none"))
    return API(db, broker, images, 60, Quotas(db, {}), host=N_API)


def test_a_server_without_a_host_is_not_claimed(
    db: Database, new_server: NewServer, sql: sa.Engine
) -> None:
    """Settling skips servers without a host, so nothing would end the claim."""
    server = new_server()
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(sa.update(instances).values(host=None))
    placeless = db.instance_get(server.uuid)
    assert placeless is not None

    with pytest.raises(exception.InstanceInvalidState, match="in an invalid state"):
        _api(db, 1).accept(context(), placeless, PAUSE)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is None


def test_of_several_servers_the_delivered_ones_are_made(db: Database) -> None:
    asked = [new_instance(f"one-{number}") for number in range(4)]

    made = _api(db, 2).create(context(), asked)

    assert [server.display_name for server in made] == ["one-0", "one-1"]
    assert len(db.instance_list(InstanceFilter(), 10)) == 2


def test_no_valid_host_is_recorded_as_by_novas_conductor(
    db: Database,
) -> None:
    new = dataclasses.replace(new_instance(), requested_host="nowhere", tags=("red",))

    (server,) = _api(db, 0).create(context("req-1"), [new])

    assert (server.vm_state, server.task_state) == (VMState.ERROR, None)
    assert (server.host, server.availability_zone) == (None, None)
    assert db.tags_of([server.uuid]) == {server.uuid: ["red"]}
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    (event,) = record.events
    assert (record.action, record.message) == ("create", "Error")
    assert event.event == "conductor_schedule_and_build_instances"
    assert (event.result, event.host) == ("Error", N_API)
    assert server.fault is not None
    said = "No valid host was found."
    assert (server.fault.code, server.fault.message, event.details) == (500, said, said)
    for trace in (server.fault.details, event.traceback):
        assert str(trace).startswith("Traceback (most recent call last):\n")
        assert str(trace).endswith(f"NoValidHost: {said}\n")


def test_a_server_without_a_valid_host_counts_for_the_quota(db: Database) -> None:
    """Otherwise room that comes and goes would let a user exceed the quota."""
    unlimited = Amounts(instances=-1, cores=-1, ram=-1)
    one = dataclasses.replace(unlimited, instances=1)
    quota = CreateQuota(project=one, user=unlimited)
    nowhere = dataclasses.replace(new_instance(), requested_host="nowhere")
    failure = Failure(fault="none", details="none")
    db.instance_bury(context(), nowhere, failure, N_API, quota)

    with pytest.raises(exception.TooManyInstances):
        db.instance_bury(context(), new_instance(), failure, N_API, quota)


def test_if_no_message_is_delivered_no_server_is_made(db: Database) -> None:
    with pytest.raises(exception.ComputeHostUnreachable):
        _api(db, 0).create(context(), [new_instance(), new_instance()])

    assert db.instance_list(InstanceFilter(), 10) == []


@pytest.mark.parametrize("task_state", [None, *sorted(DELETE.preempts)])
@pytest.mark.parametrize("vm_state", sorted(DELETE.vm_states))
def test_a_delete_works_from_every_state(
    db: Database,
    manager: ComputeManager,
    new_server: NewServer,
    sql: sa.Engine,
    vm_state: VMState,
    task_state: TaskState | None,
) -> None:
    server = new_server()
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.update(instances).values(
                vm_state=vm_state, task_state=task_state, claim_request_id="req-0"
            )
        )
    now = db.instance_get(server.uuid)
    assert now is not None
    request = context()

    _api(db, 1).delete(request, now)
    manager.terminate_instance(request, server.uuid)

    assert db.instance_get(server.uuid) is None
    assert manager.get_power_state(server) is PowerState.NOSTATE
