# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of actions and ``tests/legality/nova.yaml`` agree."""

import pytest

from minova.vocabulary.instance_actions import ALL, CREATE, Action
from minova.vocabulary.vm_states import VMState
from tests.legality import nova
from tests.legality.nova import NOVA, OFFERED, Legality


def of(row: Action) -> list[Legality]:
    """Return the entries for a row."""
    return [
        entry
        for entry in OFFERED
        if entry.key in (row.key, None)
        and entry.step in (row.task_state, None)
        and all(
            entry.ask and entry.ask[str(row.key)].get(name) in values
            for name, values in row.chosen_by.items()
        )
    ]


@pytest.mark.parametrize(
    "row", [row for row in ALL if row is not CREATE], ids=lambda row: row.task_state
)
def test_nova_is_asked_about_every_row(row: Action) -> None:
    """A row without an entry is not tested. Add an entry with Nova's rules for it."""
    assert of(row), f"tests/legality/nova.yaml says nothing of {row.name}"


@pytest.mark.parametrize("vm_state", sorted(set(nova.VM_STATES) - {"building"}))
def test_every_vm_state_is_reached_by_actions(vm_state: str) -> None:
    end = "active"
    for entry in nova.route(vm_state):
        end = str(entry.end(end))

    assert end == vm_state


@pytest.mark.parametrize("entry", OFFERED, ids=str)
def test_the_words_of_an_entry_are_minovas(entry: Legality) -> None:
    """No test would try an entry with a misspelt word."""
    named = {*entry.leads, *entry.leads.values()} - {"any", "same"}
    if entry.over != "any":
        assert set(entry.over) <= set(nova.TASK_STATES)
    assert {entry.step} <= {None, *nova.TASK_STATES}
    assert named <= set(map(str, VMState))


def test_actions_that_minova_does_not_offer() -> None:
    """The tests do not try these actions, nor an immediate delete."""
    missing = {entry.name for entry in NOVA if not entry.is_offered}

    assert missing == {"trigger_crash_dump", "delete"}
