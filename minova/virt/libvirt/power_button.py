# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking guests to power themselves off, and waiting for that.

The log lines are Nova's (``LibvirtDriver._clean_shutdown``, ``_soft_reboot``).  A wait
holds nothing between its short calls to libvirt, one a second.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeVar

from oslo_log import log as logging

from minova import exception
from minova.objects.instance import Instance
from minova.virt.driver import IsWanted, Shutdown
from minova.virt.libvirt.guest import Guest
from minova.vocabulary.power_state import OFF, PowerState

LOG = logging.getLogger("minova.virt.libvirt.driver")

T = TypeVar("T")

_LOOK: Final = 1.0
"""Seconds between two checks."""


class Ask(Protocol):
    """``Door.ask``: find a guest and ask it something, within a time limit."""

    def __call__(
        self, instance: Instance, what: str, question: Callable[[Guest], T]
    ) -> T: ...


def press(ask: Ask, instance: Instance) -> bool:
    """Ask a guest to power itself off; return whether it was on."""

    def press_if_on(guest: Guest) -> bool:
        if guest.power_state in OFF:
            return False
        guest.press_power_button()
        return True

    return ask(instance, "shutdown", press_if_on)


def wait_until_off(ask: Ask, instance: Instance, shutdown: Shutdown) -> None:
    """Wait until a guest is off or its time is up; ask it again in between.

    Raises:
        TaskPreempted: another request took the server over.
    """
    pressed = 0.0
    for passed in _looks(instance, shutdown.timeout, shutdown.is_wanted):
        if ask(instance, "state", lambda guest: guest.power_state) in OFF:
            LOG.info(
                "Instance shutdown successfully after %d seconds.",
                passed,
                instance_uuid=instance.uuid,
            )
            return
        if passed - pressed >= shutdown.retry_interval:
            pressed = passed
            press(ask, instance)
    LOG.info(
        "Instance failed to shutdown in %d seconds.",
        shutdown.timeout,
        instance_uuid=instance.uuid,
    )


def press_for_restart(ask: Ask, instance: Instance) -> int | None:
    """Ask a guest to power itself off, if it is running.

    Returns:
        The domain id of this run, or None if the guest is not running.
    """

    def press_if_running(guest: Guest) -> int | None:
        if guest.power_state is not PowerState.RUNNING:
            return None
        run = guest.domain_id
        guest.press_power_button()
        return run

    return ask(instance, "shutdown", press_if_running)


def restart(
    ask: Ask, instance: Instance, run: int, timeout: float, is_wanted: IsWanted
) -> bool:
    """Start a guest as soon as it is off; return False if that takes too long.

    Args:
        run: the domain id of the run that was asked to power itself off.
        timeout: seconds to wait until the guest is off.

    Raises:
        TaskPreempted: another request took the server over.
    """

    def start_if_off(guest: Guest) -> bool:
        if guest.domain_id == run:
            return False
        if guest.power_state not in OFF:
            LOG.info(
                "Instance may have been rebooted during soft reboot, so return now.",
                instance_uuid=instance.uuid,
            )
            return True
        LOG.info("Instance shutdown successfully.", instance_uuid=instance.uuid)
        guest.forget_memory()
        guest.launch()
        LOG.info("Instance running successfully.", instance_uuid=instance.uuid)
        return True

    for _passed in _looks(instance, timeout, is_wanted):
        if ask(instance, "restart", start_if_off):
            return True
    return False


def _looks(instance: Instance, timeout: float, is_wanted: IsWanted) -> Iterator[float]:
    """Yield the seconds that have passed, once a second until the timeout.

    Raises:
        TaskPreempted: another request took the server over.
    """
    began = time.monotonic()
    while (passed := time.monotonic() - began) < timeout:
        yield passed
        if not is_wanted():
            raise exception.TaskPreempted(instance.uuid)
        time.sleep(_LOOK)
