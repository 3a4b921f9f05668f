# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""ComputeDriver: the interface of a hypervisor driver."""

import abc
import dataclasses
import enum
from collections.abc import Callable

from oslo_log import log as logging

from minova.objects.diagnostics import Diagnostics
from minova.objects.flavor import Flavor
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.event import LifecycleEvent, Transition
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.power_state import PowerState

LOG = logging.getLogger(__name__)

EventListener = Callable[[LifecycleEvent], None]

IsWanted = Callable[[], bool]
"""Called about once a second while a driver waits for a guest.  If it returns False,
another request has taken the server over, and the wait must end."""


class RebootType(enum.StrEnum):
    """How a guest is rebooted, in the words of the API."""

    SOFT = "SOFT"
    """The guest is asked to power itself off."""
    HARD = "HARD"
    """The guest's power is cut."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown:
    """How a guest is asked to power itself off before its power is cut.

    Attributes:
        timeout: seconds until the power is cut; 0 cuts it at once.
        retry_interval: seconds after which the guest is asked again.
    """

    timeout: float
    retry_interval: float
    is_wanted: IsWanted


class ComputeDriver(abc.ABC):
    """The contract of a driver.  It finds a guest by its instance's UUID.

    It never changes, counts or removes guests of other deployments.

    Unless it says otherwise, every method raises ``InstanceNotFound`` if there is no
    guest.  ``HypervisorUnavailable`` means that the hypervisor cannot be reached and
    nothing was done, ``HypervisorLost`` that it went away in the middle, and
    ``HypervisorSilent`` that it hangs: no method waits without a limit.  Other errors
    come from the hypervisor's library.

    A method that changes a guest can be repeated at any time, also after an attempt
    that ended half-way, with the same result.
    """

    _listener: EventListener | None = None

    def init_host(self, listener: EventListener) -> None:
        """Begin to send lifecycle events to ``listener``; called once, after the fork.

        The listener may be slow, because it has its own thread.
        """
        self._listener = listener

    def close(self) -> None:
        """Disconnect from the hypervisor; guests keep running."""
        self._listener = None

    def emit_event(self, event: LifecycleEvent) -> None:
        """Pass an event to the listener; log its errors instead of raising them."""
        LOG.debug("Emitting event %s", event)
        if self._listener is None:
            return
        try:
            self._listener(event)
        except Exception:
            LOG.exception("Error while handling %s", event)

    def found_off(self, instance_uuid: str) -> None:
        """Emit STOPPED for a guest that was found off, as if it had gone off now.

        A driver that delays STOPPED, because of reboots, delays this one too.  It drops
        the event if another one comes meanwhile, or if a STOPPED is waiting already.
        """
        self.emit_event(LifecycleEvent(instance_uuid, Transition.STOPPED))

    @abc.abstractmethod
    def spawn(self, instance: Instance, image: Image) -> None:
        """Make a guest and start it; remove leftovers of an earlier attempt first."""

    @abc.abstractmethod
    def pause(self, instance: Instance) -> None:
        """Stop the guest's virtual CPUs; its memory stays in place."""

    @abc.abstractmethod
    def unpause(self, instance: Instance) -> None:
        """Let the guest's virtual CPUs continue."""

    @abc.abstractmethod
    def suspend(self, instance: Instance) -> None:
        """Write the guest's memory to disk and cut its power; a saved guest stays so.

        The time limit grows with the memory.

        Raises:
            InstanceNotRunning: the guest is off and has no memory to write.
        """

    @abc.abstractmethod
    def resume(self, instance: Instance) -> None:
        """Let the guest continue where it was suspended; a running guest keeps running.

        Raises:
            SavedMemoryGone: the guest is off, and has no saved memory that is readable.
        """

    @abc.abstractmethod
    def power_off(self, instance: Instance, shutdown: Shutdown | None = None) -> None:
        """Cut the guest's power; a guest that is off or saved stays so.

        Args:
            shutdown: how to ask the guest first, and for how long; None does not ask.

        Raises:
            TaskPreempted: another request took the server over during the wait.  The
                guest was asked to power off, but its power was not cut.
        """

    @abc.abstractmethod
    def power_on(self, instance: Instance) -> None:
        """Boot the guest, whatever its state, as a hard reboot does."""

    @abc.abstractmethod
    def reboot(
        self, instance: Instance, reboot_type: RebootType, is_wanted: IsWanted
    ) -> None:
        """Boot the guest's own system again.

        Soft: the guest powers itself off and is started again.  If it does not power
        off, or cannot be asked, it is rebooted hard.
        Hard: its power is cut, its saved memory is deleted, and it is defined again.
        This also brings back a guest that is gone, if its files are still there.

        Raises:
            TaskPreempted: another request took the server over during the wait of a
                soft reboot.
        """

    @abc.abstractmethod
    def rescue(
        self, instance: Instance, image: Image, admin_password: str | None
    ) -> None:
        """Boot the guest from another image, with its own disk as the second one.

        The guest's power is cut, and its saved memory is deleted.

        Args:
            image: fetched already; the rescue disk is as large as this image.
            admin_password: for the config drive, if the guest has one.

        Raises:
            ImageUnacceptable: the image cannot be used; the guest is off now.
        """

    @abc.abstractmethod
    def unrescue(self, instance: Instance) -> None:
        """Cut the guest's power, delete the rescue's files, and boot its own system."""

    @abc.abstractmethod
    def migrate_disk(self, instance: Instance, flavor: Flavor) -> None:
        """Copy the disk of a guest that is off, then grow the disk to the flavor.

        An existing copy stays: an attempt that ended half-way made it.
        """

    @abc.abstractmethod
    def finish_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        """Define again a guest that is off, with the flavor's size; boot it if told to.

        If the guest is running, an attempt that ended half-way has booted it.
        """

    @abc.abstractmethod
    def confirm_migration(self, instance: Instance) -> None:
        """Delete the kept copy of the disk; this needs no hypervisor."""

    @abc.abstractmethod
    def finish_revert_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        """Restore the kept copy of the disk of a guest that is off, if there is one.

        Then define the guest again as ``finish_migration`` does.
        """

    @abc.abstractmethod
    def destroy(self, instance: Instance) -> None:
        """Remove the guest and its files, if they exist."""

    @abc.abstractmethod
    def get_power_state(self, instance: Instance) -> PowerState:
        """Return the guest's power state; NOSTATE if there is no guest."""

    @abc.abstractmethod
    def get_guest_state(self, instance: Instance) -> GuestState:
        """Return the guest's detailed state; GONE if there is no guest.

        If n-cpu has died during an action, the state tells how far the action got.
        """

    @abc.abstractmethod
    def get_console_output(self, instance: Instance) -> str | None:
        """Return the end of the guest's serial console; the driver limits its length.

        Returns:
            The text, or None if there is no console.
        """

    def take_suspects(self) -> set[str] | None:
        """Return the guests that may have changed unnoticed since the last call.

        Returns:
            UUIDs of guests whose overdue call has returned after all, or None for all
            guests, because events were missed.
        """
        return set()

    @abc.abstractmethod
    def get_diagnostics(self, instance: Instance) -> Diagnostics | None:
        """Return the hypervisor's counters for a guest; None if it does not run."""

    @abc.abstractmethod
    def get_num_instances(self) -> int:
        """Return the number of guests, running or not."""

    @abc.abstractmethod
    def get_available_resource(self) -> Resources:
        """Return the resources of the host, without subtracting its guests."""
