# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The history of a server: rows of ``instance_actions`` and their events."""

import dataclasses
import datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One attempt of a host; ``finish_time`` and ``result`` are None while it runs."""

    event: str
    host: str | None
    start_time: datetime.datetime
    finish_time: datetime.datetime | None
    result: str | None
    details: str | None
    traceback: str | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ActionRecord:
    """One accepted request; ``message`` is ``Error`` if it failed.

    ``user_name`` and ``project_name`` are for the host's log.  They are None in records
    older than revision 0005, and if no user made the request.
    """

    action: str
    instance_uuid: str
    request_id: str
    user_id: str
    project_id: str
    user_name: str | None = None
    project_name: str | None = None
    start_time: datetime.datetime
    updated_at: datetime.datetime | None
    message: str | None
    events: tuple[Event, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The record of a failed action.

    Attributes:
        fault: the message of the fault; None stores no fault (the server is gone).
        details: the sentence in the event.
    """

    fault: str | None
    details: str
    traceback: str | None = None
