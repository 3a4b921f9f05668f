# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One server: how far it is, and the sentence that says why it is not further."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from minova.client.cloud import Refused
from minova.doctor.claims import ClaimSeen, stage_of
from minova.doctor.examination import Examination
from minova.doctor.findings import Finding
from minova.doctor.hosts import ago
from minova.doctor.kinds import Severity
from minova.objects.action_record import ActionRecord
from minova.objects.instance import Instance
from minova.objects.instance_filter import InstanceFilter
from minova.rpc import inspection
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import facts_of

_RECORDS: Final = 5
_KEEPS: Final = ("n-cpu", "libvirt", "broker", "database", "queue", "host-")
"""How kinds are called that keep a host from its work."""


class NotFound(Exception):
    """There is no such server, or more than one."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A request that was accepted for it.

    Attributes:
        result: ``Success``, ``Error``, ``in progress``, or ``not begun``.
        details: why it failed.
    """

    action: str
    request: str
    start_time: str
    result: str
    details: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServerSeen:
    """A server by its row, or as n-api shows it.

    Attributes:
        claim: who holds it; None where it has no task.
        records: newest first.
        fault: why it is in ERROR.
    """

    id: str
    name: str
    status: str
    vm_state: str
    power_state: str
    host: str | None
    claim: ClaimSeen | None
    records: Sequence[Record]
    fault: str | None = None


def find(examination: Examination, wanted: str) -> ServerSeen:
    """The server with this id, or this name.

    Raises:
        NotFound: none, or several; or nobody can be asked.
    """
    if examination.database is not None:
        return _of_rows(examination, wanted)
    try:
        found = examination.asked.server(wanted)
        (shown,) = _only(found, wanted, [each["id"] for each in found])
        records = [_of_json(each) for each in examination.asked.records(shown["id"])]
        return _of_api(examination, shown, records)
    except Refused as error:
        raise NotFound(f"Cannot look for server {wanted}: {error}") from None


def concerning(server: ServerSeen, findings: Sequence[Finding]) -> list[Finding]:
    """What of all findings may keep it, causes first."""
    return [each for each in findings if each.concerns(server.id, server.host)]


def why(server: ServerSeen, examination: Examination) -> str:
    """Why it is not where it should be, in one sentence or two."""
    mine = concerning(server, examination.report.findings)
    own = [each for each in mine if each.values.get("server") == server.id]
    causes = [
        each.what
        for each in mine
        if each.kind.severity is Severity.ERROR
        and each.kind.name.startswith(_KEEPS)
        and each not in own
    ]
    because = "".join(f" {cause}" for cause in causes[:2])
    if server.claim is not None:
        far = stage(server, examination)
        age = ago(server.claim.age)
        settled = f"{examination.times.settled:g}"
        if not causes and not own:
            because = f" Its host ends it, or settles it within {settled} s."
        return f"It has been {server.claim.task_state} for {age}: {far}.{because}"
    if own:
        return own[0].what + because
    last = server.records[0] if server.records else None
    if server.fault is not None:
        return f"It is in ERROR: {server.fault.rstrip('.')}.{because}"
    if last is not None and last.result == "Error":
        reason = (last.details or "no reason is on record").rstrip(".")
        return f"Its last request, {last.action}, failed: {reason}.{because}"
    return f"It is {server.status}, and nothing holds it.{because}"


def stage(server: ServerSeen, examination: Examination) -> str:
    """How far its claim has come."""
    assert server.claim is not None
    waiting = examination.broker.waiting if examination.broker else {}
    return stage_of(server.claim, waiting, examination.guests.get(server.id))


def facts(server: ServerSeen, examination: Examination) -> dict[str, str]:
    """What was looked at of it, a line each."""
    told: dict[str, str] = {"host": _host(server, examination)}
    waiting = examination.broker.waiting if examination.broker else {}
    if server.host in waiting:
        held = waiting[server.host]
        told["queue"] = f"{inspection.queue_of(server.host)}: " + (
            "there is none"
            if held is None
            else f"messages: {held.messages}, readers: {held.consumers}"
        )
    if server.claim is not None:
        told["claim"] = (
            f"{server.claim.task_state}, accepted {ago(server.claim.age)} ago; "
            f"{stage(server, examination)}"
        )
    guest = examination.guests.get(server.id)
    told["guest"] = (
        str(guest) if guest else f"not looked at; last seen {server.power_state}"
    )
    return told


def title(server: ServerSeen) -> str:
    """The server, and where it is."""
    task = f", {server.claim.task_state}" if server.claim else ""
    return f"{server.name} ({server.id}) is {server.status}{task}"


def trace(server: ServerSeen) -> str | None:
    """The command that shows the way of its last request."""
    request = server.claim.request if server.claim else None
    if not request and server.records:
        request = server.records[0].request
    return f"minova trace {request}" if request else None


def _host(server: ServerSeen, examination: Examination) -> str:
    if server.host is None:
        return "none, or who asks may not see it"
    for host in examination.hosts:
        if host.host == server.host:
            state = "up" if host.is_up else "down"
            if host.silent_for is None:
                return f"{host.host} is {state}"
            return f"{host.host} is {state}, last heartbeat {ago(host.silent_for)} ago"
    return server.host


def _only(found: Sequence[Any], wanted: str, ids: Sequence[str]) -> Sequence[Any]:
    if not found:
        raise NotFound(f"There is no server {wanted}.")
    if len(found) > 1:
        raise NotFound(f"Several servers are called {wanted}: {', '.join(ids)}")
    return found


def _of_rows(examination: Examination, wanted: str) -> ServerSeen:
    assert examination.database is not None
    db = examination.database.questions
    found = [each for each in [db.instance_get(wanted)] if each]
    if not found:
        named = InstanceFilter(exact={"display_name": [wanted]}, deleted=False)
        found = db.instance_list(named, 10)
    row: Instance = _only(found, wanted, [each.uuid for each in found])[0]
    listed = db.action_list(row.uuid, limit=_RECORDS)
    records = [db.action_get(row.uuid, each.request_id) for each in listed]
    held = (claim for claim in examination.claims if claim.server == row.uuid)
    return ServerSeen(
        id=row.uuid,
        name=row.display_name,
        status=facts_of(row.vm_state).status,
        vm_state=row.vm_state,
        power_state=row.power_state.name,
        host=row.host,
        claim=next(held, None),
        records=[_of_record(each) for each in records if each],
        fault=row.fault.message if row.fault else None,
    )


def _of_api(
    examination: Examination, shown: Mapping[str, Any], records: Sequence[Record]
) -> ServerSeen:
    task = shown["OS-EXT-STS:task_state"]
    return ServerSeen(
        id=shown["id"],
        name=shown["name"],
        status=shown["status"],
        vm_state=shown["OS-EXT-STS:vm_state"],
        power_state=PowerState(shown["OS-EXT-STS:power_state"]).name,
        host=shown.get("OS-EXT-SRV-ATTR:host"),
        claim=examination.asked.claim(dict(shown)) if task else None,
        records=records,
        fault=shown.get("fault", {}).get("message"),
    )


def _of_record(record: ActionRecord) -> Record:
    last = record.events[-1] if record.events else None
    return Record(
        action=record.action,
        request=record.request_id,
        start_time=record.start_time.isoformat(timespec="seconds"),
        result=_result(record.message, bool(last), last.result if last else None),
        details=last.details if last else None,
    )


def _of_json(record: Mapping[str, Any]) -> Record:
    events = record.get("events") or ()
    last = events[-1] if events else None
    result = _result(record["message"], bool(last), last["result"] if last else None)
    return Record(
        action=record["action"],
        request=record["request_id"],
        start_time=record["start_time"].partition(".")[0],
        result=result,
        details=last.get("details") if last else None,
    )


def _result(message: str | None, begun: bool, result: str | None) -> str:
    if not begun:
        return "given back" if message else "not begun"
    return result or "in progress"
