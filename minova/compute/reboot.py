# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Reboot a server on its host, step by step."""

from typing import Final

from oslo_log import log as logging

from minova import exception
from minova.compute.performs import Performer
from minova.compute.steps import is_wanted, move_to
from minova.context import RequestContext
from minova.objects.instance import Instance
from minova.virt.driver import RebootType
from minova.vocabulary.instance_actions import REBOOT_HARD, REBOOT_SOFT
from minova.vocabulary.power_state import PowerState

LOG = logging.getLogger("minova.compute.manager")

_NOT_THE_GUESTS_FAULT: Final = (
    exception.HypervisorUnavailable,
    exception.TaskPreempted,
    exception.GuestUnharmed,
)


def reboot(manager: Performer, context: RequestContext, instance: Instance) -> None:
    """Reboot a guest, hard or soft as the claim's ``task_state`` says.

    Raises:
        TaskPreempted: another request took the server over.
        RebootFailed: the reboot failed, but the guest runs.
    """
    hard = instance.task_state in REBOOT_HARD.task_states
    action = REBOOT_HARD if hard else REBOOT_SOFT
    _asked, pending, started = action.task_states
    power_state = manager.get_power_state(instance)
    move_to(manager.db, context, instance, action, pending)
    if power_state is not PowerState.RUNNING:
        LOG.warning(
            "trying to reboot a non-running instance: (state: %s expected: %s)",
            int(power_state),
            int(PowerState.RUNNING),
            instance_uuid=instance.uuid,
        )
    move_to(manager.db, context, instance, action, started)
    try:
        manager.driver.reboot(
            instance,
            RebootType.HARD if hard else RebootType.SOFT,
            lambda: is_wanted(manager.db, context, instance),
        )
    except _NOT_THE_GUESTS_FAULT:
        raise
    except Exception as error:
        if _runs(manager, instance):
            LOG.warning(
                "Reboot failed but instance is running", instance_uuid=instance.uuid
            )
            raise exception.RebootFailed(error) from error
        LOG.error("Cannot reboot instance: %s", error, instance_uuid=instance.uuid)
        raise


def _runs(manager: Performer, instance: Instance) -> bool:
    """Whether a guest runs.  An error here must not hide why the reboot failed."""
    try:
        return manager.get_power_state(instance) is PowerState.RUNNING
    except (exception.HypervisorUnavailable, exception.HypervisorSilent):
        return False
