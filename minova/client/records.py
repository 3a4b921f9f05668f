# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The cloud's records of actions: os-instance-actions."""

import dataclasses
import http
from collections.abc import Iterable, Mapping
from typing import Any, Final

from minova.client.cloud import Answer, Cloud, Refused

_FIRST_PAGED: Final = (2, 58)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A request that was accepted for a server.

    Attributes:
        start_time: in UTC, as the cloud writes it.
        failure: what failed and why; empty without a failure.
        is_begun: whether any event, on a host or before it, has begun.
        is_finished: whether all begun events have ended, or the request failed.
    """

    action: str
    request_id: str
    start_time: str
    failure: str
    is_begun: bool
    is_finished: bool

    @property
    def result(self) -> str | None:
        """``Success``, ``Error``, or None while it runs."""
        if self.failure:
            return "Error"
        return "Success" if self.is_begun and self.is_finished else None


def show(cloud: Cloud, server_id: str, request_id: str) -> Record | None:
    """Look up a request. Return None if it is not there, or the caller may not see it.

    Raises:
        Refused: for any other reason.
    """
    answer = _ask(cloud, f"/servers/{server_id}/os-instance-actions/{request_id}")
    return None if answer is None else _read(answer["instanceAction"])


def last(
    cloud: Cloud, server_id: str, count: int, known: Iterable[Record]
) -> list[Record]:
    """Return the last requests, newest first; none if the caller may not see them.

    Args:
        known: earlier answers. Finished requests among them are not read again.

    Raises:
        Refused: for any other reason.
    """
    finished = {record.request_id: record for record in known if record.is_finished}
    limit = f"?limit={count}" if cloud.version >= _FIRST_PAGED else ""
    answer = _ask(cloud, f"/servers/{server_id}/os-instance-actions{limit}")
    if answer is None:
        return []
    ids = [each["request_id"] for each in answer["instanceActions"][:count]]
    found = (finished.get(each) or show(cloud, server_id, each) for each in ids)
    return [record for record in found if record]


def _ask(cloud: Cloud, path: str) -> Answer | None:
    try:
        return cloud.compute("GET", path)
    except Refused as refused:
        if refused.status in {http.HTTPStatus.FORBIDDEN, http.HTTPStatus.NOT_FOUND}:
            return None
        raise


def _read(shown: Mapping[str, Any]) -> Record:
    # Before 2.51 only an admin sees events.
    events = shown.get("events", [])
    failures = _failures(events)
    if shown["message"] and not failures:
        failures = [shown["message"]]
    ends = [event["finish_time"] for event in events]
    return Record(
        action=shown["action"],
        request_id=shown["request_id"],
        start_time=shown["start_time"],
        failure="; ".join(failures),
        is_begun=bool(events),
        is_finished=bool(failures) or (bool(ends) and all(ends)),
    )


def _failures(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return each reason once: ``details`` (since 2.84) or a traceback's last line."""
    reasons: dict[str, str] = {}
    for event in events:
        if event["result"] == "Error":
            lines = (event.get("traceback") or "").strip().splitlines()
            why = event.get("details") or (lines[-1].strip() if lines else "Error")
            reasons[why] = event["event"]
    return [f"{event}: {why}" for why, event in reasons.items()]
