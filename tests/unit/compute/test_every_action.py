# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Each row of the table is performed and settled. No test here names an action."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from minova import exception
from minova.compute.manager import ComputeManager
from minova.db import moves
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.virt.driver import ComputeDriver
from minova.virt.fake import FakeDriver
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import (
    ALL,
    CREATE,
    DELETE,
    SOFT_DELETE,
    Action,
)
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import FACTS, VMState, was_elsewhere
from tests.unit.compute.settling import settle
from tests.unit.conftest import NewServer, context

# These have separate tests. A create has no guest before it, a delete has none after
# it, and a resize has a migration (test_resize).
ASKED = [
    action
    for action in ALL
    if action not in (CREATE, DELETE) and action.name not in moves.ACTIONS
]
_NO_IMAGE: Any = None  # the fake driver does not read it


def _starts() -> Iterator[tuple[Action, VMState]]:
    for action in ASKED:
        for vm_state in sorted(action.vm_states):
            # A server that is still building has never run.
            if not (vm_state is VMState.BUILDING and action.must_have_launched):
                yield action, vm_state


def _left() -> Iterator[Any]:
    """Yield the work that a dead process may leave: action, step, guest's state."""
    for action, vm_state in _starts():
        # Without a host there is no later step, and nothing is done.
        yield pytest.param(action, vm_state, None, False, id=_id(action, vm_state))
        for step in action.task_states:
            if step is TaskState.POWERING_OFF and _end(action, vm_state) is not (
                VMState.STOPPED
            ):
                continue  # such a server skips this step
            for is_done in (False, True):
                words = (action, vm_state, step, "done" if is_done else "not done")
                yield pytest.param(action, vm_state, step, is_done, id=_id(*words))


def _end(action: Action, vm_state: VMState) -> VMState:
    """Return the state to which an action leads from a state."""
    end = action.leads_to
    if isinstance(end, Mapping):
        end = end[vm_state]
    assert isinstance(end, VMState)
    return end


def _end_of_guest(action: Action, vm_state: VMState) -> GuestState:
    end = action.done_when or FACTS[_end(action, vm_state)].guest
    assert end is not None
    return end


def _id(action: Action, *words: object) -> str:
    return "-".join(map(str, (action.name, action.task_state, *words)))


def _name(value: object) -> str:
    return (
        f"{value.name}-{value.task_state}" if isinstance(value, Action) else str(value)
    )


def put(driver: FakeDriver, server: Instance, guest: GuestState) -> None:
    """Bring a running guest of the fake driver to a state."""
    match guest:
        case GuestState.PAUSED:
            driver.pause(server)
        case GuestState.OFF:
            driver.power_off(server)
        case GuestState.SAVED:
            driver.suspend(server)
        case GuestState.RESCUED:
            driver.rescue(server, _NO_IMAGE, None)
    assert driver.get_guest_state(server) is guest


@pytest.mark.parametrize(("action", "vm_state"), _starts(), ids=_name)
def test_it_ends_as_its_row_says(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    action: Action,
    vm_state: VMState,
) -> None:
    server = new_server(vm_state, guest=PowerState.RUNNING)
    put(driver, server, FACTS[vm_state].guest or GuestState.RUNNING)
    assert db.instance_claim(context("req-1"), server.uuid, action, {"kept": "yes"})

    getattr(manager, action.rpc_method)(context("req-1"), instance_uuid=server.uuid)

    _see_the_end(db, driver, server, action)


@pytest.mark.parametrize(("action", "vm_state", "step", "is_done"), _left())
def test_work_left_by_a_dead_process_is_settled(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    action: Action,
    vm_state: VMState,
    step: TaskState | None,
    is_done: bool,
) -> None:
    """The action is done, or failed if a second try might repeat it."""
    end = _end_of_guest(action, vm_state)
    server = new_server(vm_state, guest=PowerState.RUNNING)
    put(driver, server, FACTS[vm_state].guest or GuestState.RUNNING)
    assert db.instance_claim(context("req-1"), server.uuid, action)
    if step is not None:
        assert db.instance_start(server.uuid, "req-1", [action], "host-1")
        assert db.instance_move(server.uuid, "req-1", action, step)
    if is_done:
        driver.power_on(server)
        put(driver, server, end)
    elif driver.get_guest_state(server) is end:
        driver.power_off(server)

    settle(manager, older_than=0)

    told = was_elsewhere(vm_state, end)
    if is_done and step is not None and action.is_once_only(step) and not told:
        _see_that_nobody_knows(db, server)
    else:
        _see_the_end(db, driver, server, action)


def _see_the_end(
    db: Database, driver: FakeDriver, server: Instance, action: Action
) -> None:
    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (_end(action, server.vm_state), None)
    assert after.power_state is driver.get_power_state(server)
    assert after.claim_arguments is None
    ends = {_end_of_guest(action, server.vm_state)}
    if action is SOFT_DELETE and server.vm_state is VMState.SUSPENDED:
        # The guest is off, and a delete does not discard its memory.
        ends.add(GuestState.SAVED)
    assert driver.get_guest_state(server) in ends
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert record.action == action.name
    assert [(event.event, event.result) for event in record.events] == [
        (action.event, "Success")
    ]


def _see_that_nobody_knows(db: Database, server: Instance) -> None:
    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (server.vm_state, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    (event,) = record.events
    assert event.result == "Error"
    assert "It is unknown whether" in str(event.details)


@pytest.mark.parametrize(("action", "vm_state"), _starts(), ids=_name)
def test_its_failure_is_recorded_and_leaves_the_state_of_its_row(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    vm_state: VMState,
) -> None:
    server = new_server(vm_state, guest=PowerState.RUNNING)
    put(driver, server, GuestState.OFF)
    assert db.instance_claim(context("req-1"), server.uuid, action)

    _break(driver, monkeypatch, RuntimeError("no hypervisor today"))

    with pytest.raises(Exception, match="no hypervisor today"):
        getattr(manager, action.rpc_method)(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert after.task_state is None
    assert after.vm_state == (action.failed_vm_state or vm_state)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Error"]


@pytest.mark.parametrize(("action", "vm_state"), _starts(), ids=_name)
def test_a_missing_hypervisor_does_no_harm(
    manager: ComputeManager,
    db: Database,
    driver: FakeDriver,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    action: Action,
    vm_state: VMState,
) -> None:
    """A suspended server in ERROR could only be booted, and would lose its memory."""
    server = new_server(vm_state, guest=PowerState.RUNNING)
    put(driver, server, FACTS[vm_state].guest or GuestState.RUNNING)
    assert db.instance_claim(context("req-1"), server.uuid, action)
    _break(driver, monkeypatch, exception.HypervisorUnavailable("host-1"))

    with pytest.raises(exception.HypervisorUnavailable):
        getattr(manager, action.rpc_method)(context("req-1"), instance_uuid=server.uuid)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert (after.vm_state, after.task_state) == (vm_state, None)
    record = db.action_get(server.uuid, "req-1")
    assert record is not None
    assert [event.result for event in record.events] == ["Error"]


def _break(
    driver: FakeDriver, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """From now on the driver changes nothing."""

    def fail(*_: object) -> None:
        raise error

    for method in ComputeDriver.__abstractmethods__:
        if not method.startswith("get_"):
            monkeypatch.setattr(driver, method, fail)
