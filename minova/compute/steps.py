# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What an action that takes its time asks of its claim on the way."""

from minova import exception
from minova.compute.storing import until_stored
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action
from minova.vocabulary.task_states import TaskState


def move_to(
    db: Database,
    context: RequestContext,
    instance: Instance,
    action: Action,
    task_state: TaskState,
    *,
    event: str | None = None,
) -> None:
    """Go on to another step of an action, which users see from now on.

    Args:
        event: what the record calls the step, if it has an event of its own.

    Raises:
        TaskPreempted: another request took the server over.
    """
    request_id = str(context.request_id)
    if not until_stored(
        lambda _again: db.instance_move(
            instance.uuid, request_id, action, task_state, event
        ),
        f"the step {task_state}",
        instance_uuid=instance.uuid,
    ):
        raise exception.TaskPreempted(instance.uuid)


def is_wanted(db: Database, context: RequestContext, instance: Instance) -> bool:
    """Whether the request that waits for a guest still holds the server."""
    try:
        return db.instance_is_held(instance.uuid, str(context.request_id))
    except exception.DatabaseUnavailable:
        return True
