# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What the records of one server must look like, whatever happened to it."""

from typing import Any

_LEADS_TO = {
    "create": "active",
    "pause": "paused",
    "unpause": "active",
    "suspend": "suspended",
    "resume": "active",
    "stop": "stopped",
    "start": "active",
    "reboot": "active",
    "rescue": "rescued",
    "unrescue": "active",
    "resize": "resized",
    "confirmResize": "active",
    "revertResize": "active",
}
_STARTS_FROM = {
    "pause": {"active"},
    "unpause": {"paused"},
    "suspend": {"active"},
    "resume": {"suspended"},
    "start": {"stopped"},
    "rescue": {"active", "stopped"},
    "rebuild": {"active", "stopped"},
    "unrescue": {"rescued"},
    "resize": {"active", "stopped"},
    "confirmResize": {"resized"},
    "revertResize": {"resized"},
}
"""What is not named may come from anywhere, and stays where it is (a rebuild)."""


def result_of(record: dict[str, Any]) -> str:
    """How a request ended, by the last attempt of a host: ``Success``, ``Error``.

    ``not begun`` is a request that is on record as failed and never got to a host; an
    attempt without an end is an error of minova, and told as ``open``.
    """
    if not record["events"]:
        return "not begun" if record["message"] == "Error" else "open"
    return record["events"][-1]["result"] or "open"


def see_it_linear(records: list[dict[str, Any]]) -> None:
    """See that no two requests were in a host's hands at once, and each was legal.

    Args:
        records: every request of the server, oldest first, each with its events.
    """
    see_one_at_a_time(records)
    state = "active"
    for record in records:
        if result_of(record) == "Success":
            action = record["action"]
            assert state in _STARTS_FROM.get(action, {state}), (state, record)
            state = _LEADS_TO.get(action, state)


def see_one_at_a_time(records: list[dict[str, Any]]) -> None:
    """The same of a server whose state somebody set by hand."""
    free_at = ""
    for record in records:
        assert result_of(record) != "open", record
        for event in record["events"]:
            # To the microsecond and of one format, so that text compares as time does.
            assert event["start_time"] >= free_at, (free_at, record)
            assert event["finish_time"] >= event["start_time"], record
            free_at = event["finish_time"]
