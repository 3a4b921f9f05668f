# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Decide what becomes of a claim whose message may not have been delivered."""

from collections.abc import Callable

from oslo_log import log as logging

from minova import exception
from minova.objects.instance import Instance
from minova.vocabulary.instance_actions import Action

LOG = logging.getLogger("minova.compute.api")


def stands(give_back: Callable[[], bool], action: Action, instance: Instance) -> bool:
    """Give a claim back if possible, and return whether it still stands.

    If the database is away, the claim cannot be given back.  Its host will settle it,
    so it would be wrong to refuse the request.

    Args:
        give_back: returns False if the host has already started the claim.

    Raises:
        CommitInDoubt: nobody knows whether the claim was given back.
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
