# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Resize a server on its host, and confirm or revert the resize.

The claim's ``task_state`` names the current step.  If n-cpu dies, the next process
repeats that step.  The old disk is kept until the resize is confirmed.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

from oslo_log import log as logging

from minova import exception
from minova.compute.performs import Performer
from minova.compute.steps import move_to
from minova.context import RequestContext
from minova.objects.flavor import Flavor
from minova.objects.instance import Instance
from minova.objects.migration import was_off
from minova.vocabulary.instance_actions import RESIZE

LOG = logging.getLogger("minova.compute.manager")

_PREP, _MIGRATING, _MIGRATED, _FINISH = RESIZE.task_states
_NOT_TO_BE_ROLLED_BACK: Final = (
    exception.HypervisorUnavailable,
    exception.TaskPreempted,
)


def resize(manager: Performer, context: RequestContext, instance: Instance) -> None:
    """Give a guest the size of the flavor that the claim names.

    Raises:
        GuestUnharmed: the new disk would be smaller.  Nothing was done.
        TaskPreempted: another request took the server over.
    """
    flavor = _flavor(instance)
    step = instance.task_state
    if step is _PREP:
        LOG.info("Migrating", instance_uuid=instance.uuid)
        # Remove the disk of an earlier resize that an admin ended by hand.
        manager.driver.confirm_migration(instance)
        event = "compute_resize_instance"
        move_to(manager.db, context, instance, RESIZE, _MIGRATING, event=event)
    _check_disks(instance, flavor)
    if step is _PREP:
        manager.power_off(context, instance)
    with _begun(manager), _rolled_back_on_failure(manager, instance):
        if step is not _PREP:
            # The guest may have been started meanwhile, with its old size.
            manager.power_off(context, instance)
        if step in (_PREP, _MIGRATING):
            manager.driver.migrate_disk(instance, flavor)
            move_to(manager.db, context, instance, RESIZE, _MIGRATED)
        if step is not _FINISH:
            event = "compute_finish_resize"
            move_to(manager.db, context, instance, RESIZE, _FINISH, event=event)
        power_on = not was_off(instance.vm_state)
        manager.driver.finish_migration(instance, flavor, power_on=power_on)


def confirm(manager: Performer, instance: Instance) -> None:
    """Remove the old disk, which only a revert would need."""
    LOG.debug(
        "Going to confirm migration %s",
        (instance.claim_arguments or {}).get("migration"),
        instance_uuid=instance.uuid,
    )
    manager.driver.confirm_migration(instance)


def revert(manager: Performer, instance: Instance) -> None:
    """Give a guest its old size and its old disk back.

    Raises:
        GuestUnharmed: its power could not be cut.  The resize is still unconfirmed.
    """
    vm_state = (instance.claim_arguments or {})["vm_state"]
    with _begun(manager):
        try:
            _cut_power(manager, instance)
        except exception.HypervisorSilent as error:
            raise exception.GuestUnharmed(str(error)) from error
        manager.driver.finish_revert_migration(
            instance, _flavor(instance), power_on=not was_off(vm_state)
        )
    LOG.info(
        "Updating instance to original state: '%s'",
        vm_state,
        instance_uuid=instance.uuid,
    )


def _cut_power(manager: Performer, instance: Instance) -> None:
    """Cut the guest's power.  An undefined guest will be defined again later."""
    with contextlib.suppress(exception.InstanceNotFound):
        manager.driver.power_off(instance)


def _flavor(instance: Instance) -> Flavor:
    return Flavor.from_dict((instance.claim_arguments or {})["flavor"])


def _check_disks(instance: Instance, flavor: Flavor) -> None:
    now = instance.flavor
    if flavor.root_gb < now.root_gb or flavor.ephemeral_gb < now.ephemeral_gb:
        error = exception.GuestUnharmed("Resize error: Unable to resize disk down.")
        LOG.info(
            "Setting instance back to %s after: %s",
            instance.vm_state,
            error,
            instance_uuid=instance.uuid,
        )
        raise error


@contextlib.contextmanager
def _begun(manager: Performer) -> Iterator[None]:
    """Replace errors that mean "nothing was done": the resize has begun already.

    Raises:
        HypervisorLost: in place of ``HypervisorUnavailable``: settling goes on later.
        HypervisorSilent: in place of ``CallStillHangs``, as the guest may be harmed.
    """
    try:
        yield
    except exception.CallStillHangs as error:
        raise exception.HypervisorSilent(str(error)) from error
    except exception.HypervisorUnavailable as error:
        raise exception.HypervisorLost(manager.host) from error


@contextlib.contextmanager
def _rolled_back_on_failure(manager: Performer, instance: Instance) -> Iterator[None]:
    """Restore the old guest on failure, so that a hard reboot can start it again."""
    try:
        yield
    except _NOT_TO_BE_ROLLED_BACK:
        raise
    except Exception:
        try:
            _cut_power(manager, instance)
            manager.driver.finish_revert_migration(
                instance, instance.flavor, power_on=False
            )
        except Exception:
            LOG.exception(
                "Failed to revert crashed migration", instance_uuid=instance.uuid
            )
        raise
