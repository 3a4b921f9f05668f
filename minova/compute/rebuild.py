# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rebuild a server on its host: replace its guest and disk with new ones.

The row's ``task_state`` says how far the rebuild has got.  If n-cpu dies, the next
process continues from there.  It never takes a half-built guest for a finished one.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

from oslo_log import log as logging

from minova import exception
from minova.compute.performs import Performer
from minova.compute.steps import move_to
from minova.context import RequestContext
from minova.objects.instance import Instance
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.instance_actions import REBUILD
from minova.vocabulary.vm_states import VMState

LOG = logging.getLogger("minova.compute.manager")

_ASKED, _REMOVING, _SPAWNING, _STOPPING = REBUILD.task_states


def rebuild(manager: Performer, context: RequestContext, instance: Instance) -> None:
    """Give a server a new guest, from the image that its row names.

    Raises:
        GuestUnharmed: the image is not available.  The guest was left alone.
        PreserveEphemeralNotSupported: the guest was left alone.
        TaskPreempted: another request took the server over.
        HypervisorLost: the hypervisor went away when the guest may already be gone.
    """
    if instance.task_state is _ASKED:
        _check(manager, context, instance)
        manager.power_off(context, instance)
        move_to(manager.db, context, instance, REBUILD, _REMOVING)
    with _begun(manager.host):
        if not _is_built(manager, instance):
            _build(manager, context, instance)
        if instance.vm_state is VMState.STOPPED:
            LOG.info(
                "bringing vm to original state: '%s'",
                instance.vm_state,
                instance_uuid=instance.uuid,
            )
            move_to(manager.db, context, instance, REBUILD, _STOPPING)
            manager.driver.power_off(instance)


def _check(manager: Performer, context: RequestContext, instance: Instance) -> None:
    """Check the claim, and fetch the image while the old guest still runs."""
    if _argument(instance, "preserve_ephemeral"):
        raise exception.PreserveEphemeralNotSupported
    try:
        manager.images.fetch(context, instance.image_ref)
    except exception.MinovaError as error:
        raise exception.GuestUnharmed(str(error)) from error


def _is_built(manager: Performer, instance: Instance) -> bool:
    """Whether an earlier process has already built the new guest."""
    if instance.task_state not in (_SPAWNING, _STOPPING):
        return False
    guest = manager.driver.get_guest_state(instance)
    return guest is GuestState.RUNNING or (
        instance.task_state is _STOPPING and guest is GuestState.OFF
    )


def _build(manager: Performer, context: RequestContext, instance: Instance) -> None:
    manager.driver.destroy(instance)
    move_to(manager.db, context, instance, REBUILD, _SPAWNING)
    image = manager.images.fetch(context, instance.image_ref)
    password = _argument(instance, "admin_password")
    manager.driver.spawn(dataclasses.replace(instance, admin_password=password), image)


def _argument(instance: Instance, name: str) -> Any:
    return (instance.claim_arguments or {}).get(name)


@contextlib.contextmanager
def _begun(host: str) -> Iterator[None]:
    """Replace errors that mean "nothing was done": the guest may be gone already.

    Raises:
        HypervisorLost: in place of ``HypervisorUnavailable``.
        HypervisorSilent: in place of ``CallStillHangs``.
    """
    try:
        yield
    except exception.HypervisorUnavailable as error:
        raise exception.HypervisorLost(host) from error
    except exception.CallStillHangs as error:
        raise exception.HypervisorSilent(str(error)) from error
