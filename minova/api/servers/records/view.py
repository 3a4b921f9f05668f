# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The requests for a server, and their events, as JSON."""

from typing import Any

from minova.api.answers.times import micros
from minova.api.front.request import Request
from minova.api.servers.view import host_id
from minova.objects.action_record import ActionRecord, Event


def action(req: Request, record: ActionRecord) -> dict[str, Any]:
    shown = {
        "action": record.action,
        "instance_uuid": record.instance_uuid,
        "request_id": record.request_id,
        "user_id": record.user_id,
        "project_id": record.project_id,
        "start_time": micros(record.start_time),
        "message": record.message,
    }
    if req.version >= (2, 58):
        shown["updated_at"] = micros(record.updated_at)
    return shown


def event(
    req: Request,
    happened: Event,
    project_id: str,
    *,
    all_shown: bool,
    details_shown: bool,
) -> dict[str, Any]:
    """Show one attempt of a host.

    Args:
        project_id: the server's project; a host has a different id in each project.
        all_shown: whether the caller may see traceback and host (admins).
        details_shown: whether the caller may see the reason of a failure (since 2.84).
    """
    shown = {
        "event": happened.event,
        "start_time": micros(happened.start_time),
        "finish_time": micros(happened.finish_time),
        "result": happened.result,
    }
    if all_shown:
        shown["traceback"] = happened.traceback
    if req.version >= (2, 62):
        if all_shown:
            shown["host"] = happened.host
        shown["hostId"] = host_id(project_id, happened.host)
    if req.version >= (2, 84) and details_shown:
        shown["details"] = happened.details
    return shown
