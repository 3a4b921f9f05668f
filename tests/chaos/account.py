# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compare every accepted request with its events, the rows and the guests."""

import dataclasses
import datetime
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from tests import history
from tests.chaos.faults import Outage
from tests.chaos.load import ACCEPTED, Asked
from tests.chaos.sites import Site

PROMISED = 30
"""In seconds."""
_POWER_STATE = {"ACTIVE": 1, "PAUSED": 3, "SUSPENDED": 4, "SHUTOFF": 4, "GONE": 0}
_BOOTS = ("create", "start", "reboot", "rebuild", "restore")


@dataclasses.dataclass(slots=True)
class Account:
    """The results of all requests.

    Attributes:
        stuck: accepted, but not ended 60 s after all services were back.
        lost: accepted, but no host recorded success or failure.
        twice: stops, starts and boots of guests in excess of the requests that account
            for them: those recorded as done, and failures that may have been done.
        missing: requests recorded as done whose stop, start or boot of a guest was not
            seen.
        preempted: accepted, then taken over by a hard reboot or a delete. This is not a
            fault.
        disagree: rows that still differ from the state of their guest, and this state.
        others: unexpected answers, by action and status.
        longest: the longest time, in seconds, that an accepted request stayed
            unfinished while all services were up.
        faults: messages of recorded faults, also of unanswered requests.
        slowest: seconds of the slowest answer during each kind of outage or in the five
            seconds after it. ``none`` has all other answers.
    """

    accepted: int = 0
    done: int = 0
    failed: int = 0
    preempted: int = 0
    stuck: int = 0
    lost: int = 0
    twice: int = 0
    missing: int = 0
    disagree: list[str] = dataclasses.field(default_factory=list)
    refused: int = 0
    unanswered: int = 0
    others: dict[str, int] = dataclasses.field(default_factory=dict)
    slowest_answer: float = 0.0
    longest: float = 0.0
    outages: dict[str, int] = dataclasses.field(default_factory=dict)
    faults: dict[str, int] = dataclasses.field(default_factory=dict)
    slowest: dict[str, float] = dataclasses.field(default_factory=dict)

    def is_kept(self) -> bool:
        """Tell whether the promise was kept."""
        bad = (self.stuck, self.lost, self.twice, self.missing, self.disagree)
        explained = sum(self.faults.values()) >= self.failed
        return (
            not any(bad) and not self.others and explained and self.longest <= PROMISED
        )


def draw_up(site: Site, asked: list[Asked], outages: list[Outage]) -> Account:
    """Wait until no server is busy, then check everything."""
    _wait_at_rest(site)
    accepted = {one.request_id: one for one in asked if one.status in ACCEPTED}
    statuses = Counter(map(_status, asked))
    account = Account(
        accepted=len(accepted),
        refused=statuses[503] + statuses[409],
        unanswered=statuses[None],
        others=dict(
            Counter(
                f"{one.action}: {one.status}"
                for one in asked
                if _status(one) not in {*ACCEPTED, 409, 503, None}
            )
        ),
        slowest_answer=max((one.took for one in asked), default=0.0),
        outages=dict(Counter(outage.fault for outage in outages)),
        slowest=_slowest(asked, outages),
    )
    found: set[str | None] = set()
    for server_id in site.watches:
        records = _records(site, server_id)
        found |= {record["request_id"] for record in records}
        _count_guest(site, server_id, records, account)
        for record in records:
            one = accepted.get(record["request_id"])
            if one is not None:
                _count_request(record, one, outages, account)
    # A delete during another delete is not recorded, as in Nova.
    account.lost += sum(
        accepted[request_id].status == 202 for request_id in set(accepted) - found
    )
    account.faults = _faults(site)
    return account


def _status(asked: Asked) -> int | None:
    """The status of an answer.  A resize to the current flavor counts as a 409."""
    return 409 if asked.status == 400 and asked.action == "resize" else asked.status


def _slowest(asked: list[Asked], outages: list[Outage]) -> dict[str, float]:
    slowest: dict[str, float] = {}
    for one in asked:
        during = [
            outage.fault
            for outage in outages
            if outage.began < one.at and one.at - one.took < outage.ended + 5
        ]
        for fault in during[-1:] or ["none"]:
            slowest[fault] = max(slowest.get(fault, 0.0), round(one.took, 1))
    return slowest


def _wait_at_rest(site: Site) -> None:
    """Give every server the promised time, twice."""

    def at_rest() -> bool:
        path = "/servers/detail?all_tenants=1&soft_deleted=yes"
        answer = site.cluster.ask("GET", path, token="admin")
        return answer.status_code == 200 and not any(
            server["OS-EXT-STS:task_state"] for server in answer.json()["servers"]
        )

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not at_rest():
        time.sleep(0.2)


def _records(site: Site, server_id: str) -> list[dict[str, Any]]:
    path = f"/servers/{server_id}/os-instance-actions"
    listed = site.cluster.ask("GET", path, token="admin").json()["instanceActions"]
    ids = [record["request_id"] for record in reversed(listed)]
    # Since this version, events say why they failed.
    return [site.cluster.record(server_id, request_id, "2.84") for request_id in ids]


def _faults(site: Site) -> dict[str, int]:
    engine = sa.create_engine(site.cluster.connection)
    query = sa.text("SELECT message FROM instance_faults")
    with engine.connect() as connection:
        messages = Counter(connection.scalars(query))
    engine.dispose()
    return dict(messages.most_common())


def _count_request(
    record: dict[str, Any], asked: Asked, outages: list[Outage], account: Account
) -> None:
    result = history.result_of(record)
    if result == "open":
        account.stuck += 1
        return
    if result == "not begun":
        account.lost += 1
        return
    if result == "Success":
        account.done += 1
    elif record["events"][-1]["details"] == "Preempted":
        account.preempted += 1
    else:
        account.failed += 1
    ended = _seconds(record["events"][-1]["finish_time"])
    account.longest = max(account.longest, _longest_up(asked.at, ended, outages))


def _count_guest(
    site: Site, server_id: str, records: list[dict[str, Any]], account: Account
) -> None:
    seen = site.watches[server_id].count()
    done = Counter(r["action"] for r in records if history.result_of(r) == "Success")
    failed = Counter(r["action"] for r in records if history.result_of(r) == "Error")
    account.missing += _more(sum(done[boot] for boot in _BOOTS), seen["BOOTED"])
    account.missing += _more(done["resume"], seen["RESTORED"])
    # A failed boot does not say whether the guest was started.
    if not site.is_resized(server_id):
        account.twice += _more(
            seen["RAN"],
            sum(done[start] + failed[start] for start in (*_BOOTS, "resume")),
        )
    if site.is_paused_only(server_id):
        for kind, action in (("STOP", "pause"), ("RESUME", "unpause")):
            account.twice += _more(seen[kind], done[action])
            account.missing += _more(done[action], seen[kind])
    account.disagree += _disagreement(site, server_id)


def _disagreement(site: Site, server_id: str) -> list[str]:
    """Wait until row and guest agree: n-cpu checks a guest after a failure."""
    deadline = time.monotonic() + PROMISED
    while True:
        guest = site.hypervisor.status(server_id)
        server = site.cluster.show(server_id)
        row = (server["status"], server["OS-EXT-STS:power_state"])
        power_state = _POWER_STATE[guest]
        may_be = {guest, "ERROR", "VERIFY_RESIZE"}
        if guest == "GONE" or power_state == _POWER_STATE["SHUTOFF"]:
            # If the guest is off, its memory may have been saved earlier.  If it is
            # gone, the delete took over a rebuild, and a restore builds it again.
            may_be.add("SOFT_DELETED")
        if row in {(status, power_state) for status in may_be}:
            return []
        if time.monotonic() > deadline:
            return [f"{server_id} is {row}, and its guest {guest}"]
        time.sleep(0.5)


def _more(these: int, than_those: int) -> int:
    return max(0, these - than_those)


def _longest_up(began: float, ended: float, outages: list[Outage]) -> float:
    """Return the longest time during which every service was up."""
    return max((end - start for start, end in _up(began, ended, outages)), default=0.0)


def _up(
    began: float, ended: float, outages: list[Outage]
) -> Iterator[tuple[float, float]]:
    for outage in outages:
        if outage.ended > began and outage.began < ended:
            yield began, max(began, outage.began)
            began = outage.ended
    yield began, max(began, ended)


def _seconds(text: str) -> float:
    moment = datetime.datetime.fromisoformat(text)
    return moment.replace(tzinfo=datetime.UTC).timestamp()
