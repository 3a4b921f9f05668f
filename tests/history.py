# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules for the records of one server."""

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
"""Actions that are not listed may start anywhere and keep the state (a rebuild)."""


def result_of(record: dict[str, Any]) -> str:
    """Return a request's result, by its last attempt: ``Success`` or ``Error``.

    ``not begun`` is a request recorded as failed that never reached a host. ``open`` is
    an attempt without an end, which is an error of minova.
    """
    if not record["events"]:
        return "not begun" if record["message"] == "Error" else "open"
    return record["events"][-1]["result"] or "open"


def see_it_linear(records: list[dict[str, Any]]) -> None:
    """Check that no host worked on two requests at once, and that each was legal.

    Args:
        records: every request of the server with its events, oldest first.
    """
    see_one_at_a_time(records)
    state = "active"
    for record in records:
        if result_of(record) == "Success":
            action = record["action"]
            assert state in _STARTS_FROM.get(action, {state}), (state, record)
            state = _LEADS_TO.get(action, state)


def see_one_at_a_time(records: list[dict[str, Any]]) -> None:
    """Check the same for a server whose state was set by hand, except for legality."""
    free_at = ""
    for record in records:
        assert result_of(record) != "open", record
        for event in record["events"]:
            # The times have microseconds and one format, so texts compare as times do.
            assert event["start_time"] >= free_at, (free_at, record)
            assert event["finish_time"] >= event["start_time"], record
            free_at = event["finish_time"]
