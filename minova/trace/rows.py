# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An API's records of a request. A trace also works without an API."""

import datetime
import http.client
import json
import os
import pathlib
import urllib.parse
from collections.abc import Iterator
from typing import Any

from minova.trace.formats import Line
from minova.trace.timeline import Timeline

USUAL = "http://127.0.0.1:8774"
_SECONDS = 1
_WITHIN = datetime.timedelta(microseconds=999_999)


def logs_of_one_process(url: str) -> list[pathlib.Path]:
    """Return the logs of a ``minova up`` cloud, if one answers at the URL."""
    answer = _ask(url, "/minova/v1/cloud")
    try:
        return [pathlib.Path(log) for log in answer["cloud"]["logs"]]
    except (KeyError, TypeError):
        return []


def events(url: str, timeline: Timeline) -> list[Line]:
    """Return a line for each event row of the request, after its host's lines.

    Rows hold whole UTC seconds. Within its second, an event gets the time of the
    request's last line.
    """
    path = f"/v2.1/servers/{timeline.server}/os-instance-actions/{timeline.request_id}"
    if not timeline.server:
        return []
    answer = _ask(url, path)
    try:
        return list(_lines(timeline, answer["instanceAction"]["events"]))
    except (KeyError, TypeError, ValueError):
        return []


def _lines(timeline: Timeline, rows: list[dict[str, Any]]) -> Iterator[Line]:
    own = [line.time for line in timeline.lines if not timeline.is_beside(line)]
    for row in rows:
        begun, ended = row["start_time"], row["finish_time"]
        second = _local(ended or begun)
        result = row["result"] if ended else "not finished"
        traceback = row.get("traceback") or ""
        yield Line(
            time=min(max(own[-1], second), second + _WITHIN),
            service="database",
            host=row.get("host") or "",
            level="ERROR" if result == "Error" else "INFO",
            logger="instance_actions_events",
            ids=(timeline.request_id,),
            user="",
            instance=timeline.server,
            message=f"{row['event']}: {result}\n{traceback}".rstrip(),
            function="",
            path="",
            offset=0,
        )


def _local(text: str) -> datetime.datetime:
    utc = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return utc.astimezone().replace(tzinfo=None)


def _ask(url: str, path: str) -> Any:
    """Return the answer, or None if no API answers or it refuses."""
    if not url:
        return None
    address = urllib.parse.urlsplit(url)
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    headers = {
        "Accept": "application/json",
        # noauth2's admin, unless there is a Keystone token.
        "X-Auth-Token": os.environ.get("OS_TOKEN", "admin:admin"),
        "X-OpenStack-Nova-API-Version": "2.62",
    }
    try:
        connection = kind(address.hostname or "", address.port, timeout=_SECONDS)
        connection.request("GET", f"{address.path.rstrip('/')}{path}", headers=headers)
        answer = connection.getresponse()
        return (
            json.loads(answer.read()) if answer.status == http.HTTPStatus.OK else None
        )
    except (OSError, ValueError, http.client.HTTPException):
        return None
