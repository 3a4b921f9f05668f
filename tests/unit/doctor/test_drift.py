# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Each difference between row and guest that n-cpu knows has a kind of finding."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from minova import conf as options
from minova.doctor.looks import drift
from minova.doctor.looks.hypervisor import SeenGuest
from minova.objects.instance import Instance
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.vm_states import FACTS, Then, VMState

_KINDS = {
    Then.STOP: {"guest-stopped", "guest-started"},
    Then.FOLLOW: {"guest-led"},
    Then.LATE: {"guest-left"},
    Then.IGNORE: {"guest-left", "guest-gone"},
}


def _kinds(
    vm_state: VMState, guest: GuestState | None, *, task: str | None = None
) -> list[str]:
    conf = options.create("")
    conf([], default_config_files=[], default_config_dirs=[])
    server = SimpleNamespace(uuid="a", vm_state=vm_state, task_state=task)
    seen = (
        {} if guest is GuestState.GONE else {"a": SeenGuest("a", "instance-1", guest)}
    )
    found = drift.look(conf, [cast(Instance, server)], seen)
    return [each.kind.name for each in found if each.what and each.repair is not None]


SURPRISES = [
    (state, guest, surprise.then)
    for state, facts in FACTS.items()
    for guest, surprise in facts.surprises.items()
    if state is not VMState.ERROR
]


@pytest.mark.parametrize(("state", "guest", "then"), SURPRISES)
def test_each_difference(state: VMState, guest: GuestState, then: Then) -> None:
    (kind,) = _kinds(state, guest)

    assert kind in _KINDS[then]
    assert _kinds(state, guest, task="pausing") == []


@pytest.mark.parametrize("state", VMState)
def test_no_difference(state: VMState) -> None:
    guest = FACTS[state].guest

    assert _kinds(state, guest) == []


def test_an_unknown_guest_state_is_no_difference() -> None:
    assert _kinds(VMState.ACTIVE, None) == []


def test_a_guest_without_a_row() -> None:
    conf = options.create("")
    conf([], default_config_files=[], default_config_dirs=[])
    seen = {"b": SeenGuest("b", "instance-2", GuestState.RUNNING)}

    (found,) = drift.look(conf, cast(Any, []), seen)

    assert found.kind.name == "guest-of-nobody"
    assert "virsh destroy instance-2" in found.repair
