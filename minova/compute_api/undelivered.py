# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a claim whose message could not be delivered for certain."""

from collections.abc import Callable

from oslo_log import log as logging

from minova import exception
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action

LOG = logging.getLogger("minova.compute.api")


def stands(give_back: Callable[[], bool], action: Action, instance: Instance) -> bool:
    """Give a claim back, unless it is going to be performed anyway.

    With the database away it cannot be given back.  Its host finds it there and settles
    it, so that it would not be true to refuse the request.

    Args:
        give_back: answers False where the host has begun on the claim.

    Raises:
        CommitInDoubt: nobody knows whether it was given back.
    """
    try:
        if give_back():
            LOG.debug(
                "Gave the claim for %s back", action.name, instance_uuid=instance.uuid
            )
            return False
        why = "its host is already performing it"
    except exception.CommitInDoubt:
        raise
    except exception.DatabaseUnavailable:
        why = "its claim stands and will be settled"
    LOG.warning(
        "Cannot tell whether the %s was delivered, but %s",
        action.name,
        why,
        instance_uuid=instance.uuid,
    )
    return True
