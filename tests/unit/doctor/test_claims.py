# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Claims that are older than they should be, and their stages."""

import dataclasses
from typing import Any

import pytest

from minova.doctor.looks import claims
from minova.doctor.looks.claims import ClaimSeen
from minova.doctor.looks.hosts import Times
from minova.rpc.inspection import Waiting
from minova.vocabulary.guest_state import GuestState

TIMES = Times(settled=20, grace=15, call=20, wait=120)
PAUSING = ClaimSeen(
    server="a-server",
    host="host-1",
    vm_state="active",
    task_state="pausing",
    action="pause",
    request="req-1",
    age=10,
    begun=None,
)
QUEUED, READ, EMPTY = Waiting(1, 0), Waiting(0, 1), Waiting(0, 0)


def _kinds(claim: ClaimSeen, guest: GuestState | None = None, **more: Any) -> list[str]:
    values: dict[str, Any] = {"there": {"host-1"}, "waiting": {}} | more
    found = claims.look(
        [claim], guests={claim.server: guest}, times=TIMES, starts={}, **values
    )
    return [each.kind.name for each in found]


@pytest.mark.parametrize(
    ("changes", "guest", "kinds"),
    [
        ({"age": 35}, None, []),
        ({"age": 36}, None, ["claim-not-begun"]),
        ({"age": 3600, "begun": 20}, GuestState.PAUSED, []),
        ({"age": 3600, "begun": 21}, GuestState.PAUSED, ["claim-unsaved"]),
        ({"age": 3600, "begun": 40}, GuestState.RUNNING, []),
        ({"age": 3600, "begun": 41}, GuestState.RUNNING, ["claim-long"]),
        ({"age": 3600, "begun": 41}, None, ["claim-long"]),
        ({"task_state": "dancing"}, None, ["claim-unknown"]),
        # The record's action has no such task.
        ({"action": "reboot"}, None, ["claim-unknown"]),
        ({"action": None, "age": 36}, None, ["claim-not-begun"]),
    ],
)
def test_on_a_host_that_is_up(
    changes: dict[str, Any], guest: GuestState | None, kinds: list[str]
) -> None:
    assert _kinds(dataclasses.replace(PAUSING, **changes), guest) == kinds


def test_a_build_may_take_its_time() -> None:
    build = dataclasses.replace(
        PAUSING, task_state="spawning", action="create", vm_state="building", age=1800
    )

    assert _kinds(build) == []
    assert _kinds(dataclasses.replace(build, age=1841)) == ["claim-not-begun"]


def test_a_guest_state_that_may_be_old_proves_nothing() -> None:
    reboot = dataclasses.replace(
        PAUSING, task_state="reboot_started", action="reboot", age=30, begun=25
    )

    assert not claims.is_done(reboot, GuestState.RUNNING)


@pytest.mark.parametrize("begun", [None, 1.0])
def test_on_a_host_that_is_down(begun: float | None) -> None:
    claim = dataclasses.replace(PAUSING, age=1, begun=begun)

    assert _kinds(claim, there=set()) == ["claim-waits-for-host"]


@pytest.mark.parametrize(
    ("begun", "guest", "waiting", "words"),
    [
        (None, None, {}, "it is accepted, but no host has begun to work on it"),
        (None, None, {"host-1": None}, "the queue of its message is gone"),
        (None, None, {"host-1": QUEUED}, "waits in the queue compute.host-1"),
        (None, None, {"host-1": READ}, "its message was received or lost"),
        (None, None, {"host-1": EMPTY}, "its message is in no queue"),
        (3.0, GuestState.RUNNING, {}, "a host began to work on it 3 s ago"),
        (3.0, GuestState.PAUSED, {}, "so it is done but not saved"),
    ],
)
def test_its_stage(
    begun: float | None,
    guest: GuestState | None,
    waiting: dict[str, Waiting | None],
    words: str,
) -> None:
    claim = dataclasses.replace(PAUSING, begun=begun)

    assert words in claims.stage_of(claim, waiting, guest)
