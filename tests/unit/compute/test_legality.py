# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table against ``tests/legality/nova.yaml``; two functional tests walk them."""

import pytest

from minova.vocabulary.instance_actions import ALL, CREATE, Action
from minova.vocabulary.vm_states import VMState
from tests.legality import nova
from tests.legality.nova import NOVA, OFFERED, Legality


def of(row: Action) -> list[Legality]:
    """The entries that speak of a row."""
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
    """A row that has none is walked by no test: write down what Nova says of it."""
    assert of(row), f"tests/legality/nova.yaml says nothing of {row.name}"


@pytest.mark.parametrize("vm_state", sorted(set(nova.VM_STATES) - {"building"}))
def test_every_vm_state_is_reached_by_actions(vm_state: str) -> None:
    end = "active"
    for entry in nova.route(vm_state):
        end = str(entry.end(end))

    assert end == vm_state


@pytest.mark.parametrize("entry", OFFERED, ids=str)
def test_a_word_of_an_entry_is_one_of_minovas(entry: Legality) -> None:
    """One that is spelt wrong would be walked by no test."""
    named = {*entry.leads, *entry.leads.values()} - {"any", "same"}
    if entry.over != "any":
        assert set(entry.over) <= set(nova.TASK_STATES)
    assert {entry.step} <= {None, *nova.TASK_STATES}
    assert named <= set(map(str, VMState))


def test_what_minova_does_not_offer() -> None:
    """It is not walked; nor is a delete at once, for the walks defer theirs."""
    missing = {entry.name for entry in NOVA if not entry.is_offered}

    assert missing == {"trigger_crash_dump", "delete"}
