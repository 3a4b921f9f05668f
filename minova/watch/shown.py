# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The watched servers as text and as JSON."""

import datetime
from typing import Any

from minova.client.records import Record
from minova.vocabulary.power_state import PowerState
from minova.watch.rows import Change


def power(power_state: int | None) -> str:
    """Return Nova's word for a power state, or an unknown number unchanged."""
    try:
        return PowerState(power_state or 0).name.lower()
    except ValueError:
        return str(power_state)


def result(record: Record) -> str:
    """Return how an action ended, for people."""
    return record.result or ("…" if record.is_begun else "")


def local_time(utc: str) -> str:
    """Convert a time of the API to ``HH:MM:SS`` in this machine's time zone."""
    time = datetime.datetime.fromisoformat(utc[:19]).replace(tzinfo=datetime.UTC)
    return f"{time.astimezone():%H:%M:%S}"


def object_of(change: Change) -> dict[str, Any]:
    """Return a line for programs: the server now, or as it was between two looks."""
    server = change.server
    return {
        "time": f"{change.by_record}Z" if change.by_record else _now(),
        "seen_by": "record" if change.by_record else "look",
        "id": server.id,
        "name": server.name,
        "vm_state": server.vm_state,
        "task_state": server.task_state,
        "power_state": server.power_state,
        "host": server.host,
        "counter": change.counter,
        "actions": [
            {
                "action": record.action,
                "request_id": record.request_id,
                "start_time": record.start_time,
                "result": record.result,
                "failure": record.failure or None,
            }
            for record in change.records
        ],
    }


def trouble(text: str) -> dict[str, Any]:
    """Return a line for programs: why a look failed, or null when it works again."""
    return {"time": _now(), "trouble": text or None}


def _now() -> str:
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    return f"{now.isoformat(timespec='milliseconds')}Z"
