# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of states has a row for each state, with all facts about it."""

import logging

import pytest
import sqlalchemy as sa

from minova.api.servers.status import NEVER, states_of, status
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.vocabulary import instance_actions, task_states, vm_states
from minova.vocabulary.instance_actions import ALL, Action
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import FACTS, Then, VMState
from tests.unit.conftest import NewServer


@pytest.mark.parametrize("vm_state", VMState)
def test_a_vm_state_has_its_row_and_a_status_that_finds_it(vm_state: VMState) -> None:
    assert vm_state in FACTS

    found = states_of([FACTS[vm_state].status])

    assert found is not None
    assert found == (frozenset({vm_state}), None)


@pytest.mark.parametrize("vm_state", VMState)
def test_a_status_is_of_one_vm_state(vm_state: VMState) -> None:
    same = [
        each for each, facts in FACTS.items() if facts.status == status(vm_state, None)
    ]

    assert same == [vm_state]


@pytest.mark.parametrize("task_state", TaskState)
@pytest.mark.parametrize("vm_state", VMState)
def test_every_pair_of_states_has_a_status(
    vm_state: VMState, task_state: TaskState
) -> None:
    shown = status(vm_state, task_state)

    changed = task_states.STATUS.get(task_state, {}).get(vm_state)
    assert shown == (changed or FACTS[vm_state].status)


def test_a_status_of_a_task_finds_the_servers_with_that_task() -> None:
    assert states_of(["reboot"]) == (
        frozenset({VMState.ACTIVE}),
        frozenset(map(TaskState, ("rebooting", "reboot_pending", "reboot_started"))),
    )


def test_a_rebuild_is_also_shown_for_a_server_that_is_off_or_in_error() -> None:
    assert states_of(["REBUILD"]) == (
        frozenset({VMState.ACTIVE, VMState.STOPPED, VMState.ERROR}),
        frozenset(
            map(
                TaskState,
                ("rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"),
            )
        ),
    )


def test_with_a_status_of_any_task_the_filter_finds_all() -> None:
    """As in Nova, whose filter then ignores the tasks."""
    assert states_of(["REBOOT", "ACTIVE"]) == (frozenset({VMState.ACTIVE}), None)


@pytest.mark.parametrize("status", sorted(NEVER))
def test_a_status_that_minova_never_has_finds_nothing(status: str) -> None:
    assert states_of([status]) == (frozenset(), frozenset())


def test_a_status_that_does_not_exist_is_none() -> None:
    assert states_of(["NONSENSE"]) is None


@pytest.mark.parametrize("action", ALL, ids=lambda row: f"{row.name}-{row.task_state}")
def test_an_action_is_done_when_the_guest_fits_its_state(
    action: Action,
) -> None:
    if action.done_when is not None and isinstance(action.leads_to, VMState):
        assert FACTS[action.leads_to].guest is action.done_when


@pytest.mark.parametrize("vm_state", VMState)
def test_followed_changes_lead_where_their_action_leads(vm_state: VMState) -> None:
    for guest, surprise in FACTS[vm_state].surprises.items():
        if surprise.then is Then.FOLLOW:
            action = instance_actions.BY_NAME[str(surprise.action)]
            assert action.done_when is guest


def test_every_state_that_an_action_leaves_can_be_left_again() -> None:
    """No server is ever stuck: besides a delete, there is another action."""
    for action in ALL:
        if isinstance(action.leads_to, VMState) and action.leads_to not in (
            VMState.DELETED,
        ):
            assert [
                row
                for row in ALL
                if action.leads_to in row.vm_states and row.name != "delete"
            ], action


def test_an_unknown_state_is_shown_and_logged_once(
    db: Database,
    new_server: NewServer,
    sql: sa.Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An unknown state, from a row of a later version, does not break a list."""
    server = new_server(VMState.ACTIVE)
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(
            sa.text(
                "UPDATE instances SET vm_state = 'folded', task_state = 'folding', "
                "power_state = 2 WHERE uuid = :uuid"
            ),
            {"uuid": server.uuid},
        )
    vm_states._unknown.cache_clear()

    with caplog.at_level(logging.WARNING):
        seen = [db.instance_get(server.uuid), *db.instances_on("host-1")]
        shown = [
            (str(one.vm_state), str(one.task_state), int(one.power_state))
            for one in seen
            if one is not None
        ]
        words = [
            status(one.vm_state, one.task_state) for one in seen if one is not None
        ]

    assert shown == [("folded", "folding", 2)] * 2
    assert words == ["UNKNOWN"] * 2
    said = [line for line in caplog.messages if "folded" in line]
    assert len(said) == 1


def test_every_state_is_stored_by_its_own_word(
    new_server: NewServer, sql: sa.Engine
) -> None:
    new_server(VMState.PAUSED, TaskState.UNPAUSING)

    with sql.connect() as connection:
        row = connection.execute(
            sa.select(
                sa.type_coerce(instances.c.vm_state, sa.String),
                sa.type_coerce(instances.c.task_state, sa.String),
            )
        ).one()

    assert tuple(row) == ("paused", "unpausing")
    assert PowerState(3) is PowerState.PAUSED
