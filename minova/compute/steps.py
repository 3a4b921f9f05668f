# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The claim during a long action: move it to a later step, and check that it stands."""

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
    """Move a claim to a later step of its action, as users can then see.

    Args:
        event: the name of the step's event on record, if the step has its own.

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


def as_it_is_now(db: Database, instance: Instance) -> Instance | None:
    """Read a claimed row again.

    Returns:
        None if the claim was started, or has ended, since the row was read.
    """
    now = db.instance_get(instance.uuid)
    if now is None or now.task_state is None:
        return None
    claim = (instance.claim_request_id, instance.claim_started_at)
    return now if (now.claim_request_id, now.claim_started_at) == claim else None


def is_wanted(db: Database, context: RequestContext, instance: Instance) -> bool:
    """Whether the request still holds the server.  True if the database is away."""
    try:
        return db.instance_is_held(instance.uuid, str(context.request_id))
    except exception.DatabaseUnavailable:
        return True
