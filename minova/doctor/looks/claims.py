# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Claims: how far each has come, and whether it is older than it should be."""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from minova.doctor.findings import Finding, finding
from minova.doctor.looks.hosts import Times, ago
from minova.rpc import inspection
from minova.rpc.inspection import Waiting
from minova.vocabulary import instance_actions
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import Action
from minova.vocabulary.lane import Lane
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState, was_elsewhere

_COPIES_FOR: Final = 1800
"""Seconds that copying an image may take (``virt.libvirt.qemu_img``)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSeen:
    """The claim of a server, from the database or from n-api.

    Attributes:
        age: seconds since the action was accepted.
        begun: seconds since a host began to work on it; None if none has.
    """

    server: str
    host: str | None
    vm_state: str
    task_state: str
    action: str | None
    request: str
    age: float
    begun: float | None


def look(
    claims: Iterable[ClaimSeen],
    *,
    there: Collection[str | None],
    waiting: Mapping[str, Waiting | None],
    guests: Mapping[str, GuestState | None],
    times: Times,
    starts: Mapping[str, str],
) -> Iterator[Finding]:
    """Find the claims that are older than they should be.

    Args:
        there: the hosts that are up.
        waiting: what each host's queue holds, if known.
        guests: the state of each guest, if known.
        starts: the command that starts the n-cpu of each host.
    """
    for claim in claims:
        guest = guests.get(claim.server)
        name = _kind(claim, guest, there, times)
        if name:
            yield finding(
                name,
                **_values(claim, times),
                guest=guest,
                stage=stage_of(claim, waiting, guest),
                start=starts.get(str(claim.host), ""),
            )


def _kind(
    claim: ClaimSeen,
    guest: GuestState | None,
    there: Collection[str | None],
    times: Times,
) -> str | None:
    """Return the kind of what is wrong with a claim, or None."""
    action = action_of(claim)
    if action is None:
        return "claim-unknown"
    if claim.host not in there:
        return "claim-waits-for-host"
    if claim.begun is None:
        return "claim-not-begun" if claim.age > _waits_for(action, times) else None
    if is_done(claim, guest):
        return "claim-unsaved" if claim.begun > times.settled else None
    return "claim-long" if claim.begun > usual(action, times) else None


def stage_of(
    claim: ClaimSeen,
    waiting: Mapping[str, Waiting | None],
    guest: GuestState | None,
) -> str:
    """Say how far a claim has come: accepted, queued, received, begun or done."""
    if is_done(claim, guest):
        return f"its guest is {guest} already, so it is done but not saved"
    if claim.begun is not None:
        return f"a host began to work on it {ago(claim.begun)} ago"
    if claim.host is None or claim.host not in waiting:
        return "it is accepted, but no host has begun to work on it"
    found = waiting[claim.host]
    if found is None:
        return "it is accepted, but the queue of its message is gone"
    if found.messages:
        return f"its message waits in the queue {inspection.queue_of(claim.host)}"
    if found.consumers:
        return "its message was received or lost"
    return "it is accepted, but its message is in no queue"


def action_of(claim: ClaimSeen) -> Action | None:
    """Return the claim's row in THE TABLE of actions, or None for an unknown task."""
    try:
        task_state = TaskState(claim.task_state)
    except ValueError:
        return None
    if claim.action is not None:
        return instance_actions.of_claim(claim.action, task_state)
    return next(iter(instance_actions.of_task_state(task_state)), None)


def is_done(claim: ClaimSeen, guest: GuestState | None) -> bool:
    """Return whether the guest is in the action's final state and was not before."""
    action = action_of(claim)
    if guest is None or action is None or guest is not action.done_when:
        return False
    return was_elsewhere(VMState(claim.vm_state), guest)


def _waits_for(action: Action, times: Times) -> float:
    """Return how many seconds may pass until a host begins.

    Builds and waits for guests may queue for a thread.
    """
    if action.lane is Lane.QUICK:
        # Add one more grace period: n-cpu may have checked a moment before.
        return times.settled + times.grace
    return usual(action, times)


def usual(action: Action, times: Times) -> float:
    """Return the seconds that an action may take after a host has begun."""
    more = {Lane.QUICK: 0.0, Lane.WAITS: times.wait, Lane.BUILDS: _COPIES_FOR}
    return times.call + times.settled + more[action.lane]


def _values(claim: ClaimSeen, times: Times) -> dict[str, Any]:
    action = action_of(claim)
    return {
        "server": claim.server,
        "host": claim.host,
        "task_state": claim.task_state,
        "ago": ago(claim.age),
        "begun": ago(claim.begun or 0),
        "request": claim.request,
        "settled": f"{times.settled:g}",
        "usual": f"{usual(action, times):g}" if action else "",
    }
