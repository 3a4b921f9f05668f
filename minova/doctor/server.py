# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One server, from the database or from n-api."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from minova.client.cloud import Refused
from minova.doctor.examination import Examination
from minova.doctor.looks.claims import ClaimSeen
from minova.objects.action_record import ActionRecord
from minova.objects.instance import Instance
from minova.objects.instance_filter import InstanceFilter
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import facts_of

_RECORDS: Final = 5


class NotFound(Exception):
    """There is no such server or more than one, or nobody can be asked."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A request that was accepted for the server.

    Attributes:
        result: ``Success``, ``Error``, ``in progress``, ``not begun`` or ``given
            back``: the claim was given back before a host began.
        details: why it failed.
    """

    action: str
    request: str
    start_time: str
    result: str
    details: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServerSeen:
    """A server, from the database or from n-api.

    Attributes:
        claim: None if the server has no task.
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
    """Find the server with this id or name.

    Raises:
        NotFound: no server or several match, or n-api does not say.
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
