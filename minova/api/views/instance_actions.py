# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What was done to a server."""

from typing import Any

from minova.api.views.times import micros
from minova.objects.action_record import ActionRecord, Event


def action(record: ActionRecord) -> dict[str, Any]:
    return {
        "action": record.action,
        "instance_uuid": record.instance_uuid,
        "request_id": record.request_id,
        "user_id": record.user_id,
        "project_id": record.project_id,
        "start_time": micros(record.start_time),
        "message": record.message,
    }


def event(happened: Event) -> dict[str, Any]:
    return {
        "event": happened.event,
        "start_time": micros(happened.start_time),
        "finish_time": micros(happened.finish_time),
        "result": happened.result,
        "traceback": happened.traceback,
    }
