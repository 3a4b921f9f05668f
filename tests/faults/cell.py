# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One cell: stop at a step, cause a fault, repair it, and check the result."""

import dataclasses
import time
from collections import Counter
from concurrent import futures

import requests

from tests import history
from tests.faults.matrix import Cell
from tests.faults.rig import Rig
from tests.real_servers import wait_until

PROMISED = 30
"""Seconds after the services are back within which an accepted request ends."""

_STANDS_AT = {
    # n-cpu is also stopped, so n-api always finds the same state when it gives up.
    "confirm held back, not begun": "received",
    "confirm held back, begun": "started",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """The result of the request.

    Attributes:
        status: the status of the answer; None when there was no answer.
        result: ``Success`` or ``Error`` of the last event; ``not begun`` when the
            request is recorded but no host began; ``nothing`` when it is not recorded.
        did: what the guest did.
        seconds: from the return of the services until the server was at rest.
    """

    status: int | None
    result: str
    did: Counter[str]
    seconds: float


def run(rig: Rig, cell: Cell) -> Outcome:
    """Run a cell and check the promise. The cluster is whole before and after it."""
    asked = cell.asked
    rig.points.clear()
    rig.heal()
    rig.bring_to("ACTIVE")
    mark = rig.mark()
    rig.bring_to(asked.starts_from)
    known = {record["request_id"] for record in rig.records()}
    before, faults = rig.did(), rig.faults()
    with futures.ThreadPoolExecutor(1) as pool:
        answer = _stop_and_strike(rig, cell, pool)
    rig.heal()
    back = time.monotonic()
    rig.wait_at_rest(PROMISED)
    seconds = time.monotonic() - back
    new = [record for record in rig.records() if record["request_id"] not in known]
    assert len(new) <= 1, new
    result = history.result_of(new[0]) if new else "nothing"
    if result == "Error":
        assert len(rig.faults()) == len(faults) + 1
    did = {event: rig.did()[event] - before[event] for event in asked.counted}
    # A Response of 503 is falsy.
    status = None if answer is None else answer.status_code
    outcome = Outcome(status, result, Counter(did), seconds)
    _see_the_promise_kept(rig, cell, outcome, mark)
    return outcome


def _see_the_promise_kept(rig: Rig, cell: Cell, outcome: Outcome, mark: bytes) -> None:
    asked = cell.asked
    if outcome.status == asked.accepted:
        assert outcome.result in {"Success", "Error"}, outcome
    else:
        assert outcome.status in {None, 503}, outcome
    assert outcome.did in asked.may_have_done(outcome.result), outcome
    ended = asked.leads_to if outcome.result == "Success" else asked.starts_from
    assert rig.is_guest_of(ended), outcome
    assert rig.agrees(), rig.server()
    # The server is not stuck: it can still be paused and unpaused.
    rig.bring_to("PAUSED" if ended == "ACTIVE" else "ACTIVE")
    rig.bring_to(ended)
    rig.bring_to("ACTIVE")
    is_same = rig.mark() == mark
    assert is_same or not asked.keeps_memory, "the guest lost its memory"
    assert not (is_same and outcome.did["BOOTED"]), "the guest did not boot"
    history.see_it_linear(rig.records())


def _stop_and_strike(
    rig: Rig, cell: Cell, pool: futures.Executor
) -> requests.Response | None:
    step = _STANDS_AT.get(cell.step, cell.step)
    holds_confirm = cell.step in _STANDS_AT
    if holds_confirm:
        # Hold the bytes of the message itself; connecting must still work.
        rig.proxy.hold_behind(f"{cell.asked.name}_instance".encode())
    rig.points.arm(step)
    answer = pool.submit(rig.act, cell.asked)
    rig.points.wait_reached(step)
    if holds_confirm:
        wait_until(lambda: rig.proxy.held > 0, 10, "the confirm is held back")
    if cell.step == "in guest call":
        # n-cpu goes on but libvirtd does not read, so the call is on its way at the
        # fault.
        rig.hypervisor.freeze()
        rig.points.go(step)
        wait_until(lambda: rig.hypervisor.unread() > 0, 10, "libvirt is called")
    elif _is_on_host(step) and not holds_confirm:
        # The answer has been sent, so n-api plays no part in what follows.
        answer.result(20)
    struck = time.monotonic()
    cell.strike(rig)
    if rig.hypervisor.is_running():
        rig.hypervisor.thaw()
    if cell.step != "confirm held back, not begun":
        rig.points.go(step)
    told = answer.result(45)
    rig.points.go(step)
    # Give the released thread enough time to meet the fault.
    time.sleep(max(0.0, struck + cell.lasts - time.monotonic()))
    return told


def _is_on_host(step: str) -> bool:
    return step not in {"before claim", "after claim", "after cast"}
