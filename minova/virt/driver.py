# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""ComputeDriver: what minova asks of a hypervisor."""

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
"""Asked about once a second by what waits for a guest: False when another request took
the claim over, so that the wait must end."""


class RebootType(enum.StrEnum):
    """How a guest is rebooted, in the words of the API."""

    SOFT = "SOFT"
    """It is asked to power itself off."""
    HARD = "HARD"
    """Its power is cut."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown:
    """How a guest is asked to power itself off before its power is cut.

    Attributes:
        timeout: seconds until the power is cut; 0 cuts it at once.
        retry_interval: seconds after which the guest is asked once more.
    """

    timeout: float
    retry_interval: float
    is_wanted: IsWanted


class ComputeDriver(abc.ABC):
    """The contract.  Guests are found by the instance's UUID.

    A guest that is not this deployment's does not exist for a driver: it is never
    changed, counted or removed.

    Every method raises ``InstanceNotFound`` when there is no guest, unless it says
    otherwise, ``HypervisorUnavailable`` when the hypervisor cannot be reached and
    nothing was done, and ``HypervisorLost`` when it went away in the middle.
    ``HypervisorSilent`` is raised by a hypervisor that hangs: no method waits for it
    longer than a bound.  Other errors are the hypervisor library's own.

    What changes a guest may be asked for again at any time, whoever ended half-way
    before: it leads to the same end.
    """

    _listener: EventListener | None = None

    def init_host(self, listener: EventListener) -> None:
        """Begin to tell ``listener`` of lifecycle events; called once, after the fork.

        The listener may take its time: it is called on a thread of its own.
        """
        self._listener = listener

    def close(self) -> None:
        """Let go of the hypervisor; guests go on."""
        self._listener = None

    def emit_event(self, event: LifecycleEvent) -> None:
        """Hand an event to the listener; its errors are logged and end here."""
        LOG.debug("Emitting event %s", event)
        if self._listener is None:
            return
        try:
            self._listener(event)
        except Exception:
            LOG.exception("Error while handling %s", event)

    def found_off(self, instance_uuid: str) -> None:
        """Emit STOPPED for a guest that a look found off, as if it had gone off now.

        Where a guest may be off for a moment only (a reboot), the event waits as any
        other STOPPED does, is not emitted if the guest is heard of meanwhile, and does
        not come on top of one that waits already.
        """
        self.emit_event(LifecycleEvent(instance_uuid, Transition.STOPPED))

    @abc.abstractmethod
    def spawn(self, instance: Instance, image: Image) -> None:
        """Make a guest and start it; leftovers of an earlier try are cleared away."""

    @abc.abstractmethod
    def pause(self, instance: Instance) -> None:
        """Stop the guest's virtual CPUs; its memory stays where it is."""

    @abc.abstractmethod
    def unpause(self, instance: Instance) -> None:
        """Let the guest's virtual CPUs go on."""

    @abc.abstractmethod
    def suspend(self, instance: Instance) -> None:
        """Write the guest's memory to disk and cut its power; a saved one stays so.

        It may take as long as the size of the memory asks for.

        Raises:
            InstanceNotRunning: it is off and has no memory to write.
        """

    @abc.abstractmethod
    def resume(self, instance: Instance) -> None:
        """Have the guest go on where it was suspended; one that runs stays so.

        Raises:
            SavedMemoryGone: it is off, and has no memory that can be read.
        """

    @abc.abstractmethod
    def power_off(self, instance: Instance, shutdown: Shutdown | None = None) -> None:
        """Cut the guest's power; a guest that is off, or saved, stays so.

        Args:
            shutdown: how to ask it first, and for how long; None cuts at once.

        Raises:
            TaskPreempted: the wait was not wanted any more; the guest was asked, but
                its power was not cut.
        """

    @abc.abstractmethod
    def power_on(self, instance: Instance) -> None:
        """Boot the guest whatever it does now, as a hard reboot does."""

    @abc.abstractmethod
    def reboot(
        self, instance: Instance, reboot_type: RebootType, is_wanted: IsWanted
    ) -> None:
        """Boot the guest's own system again.

        Soft: the guest powers itself off and is started.  One that does not, or that
        cannot be asked, gets the hard way.
        Hard: its power is cut, a saved memory is forgotten, and it is described to the
        hypervisor anew: a guest that is gone comes back, if its files are still there.

        Raises:
            TaskPreempted: the wait of the soft way was not wanted any more.
        """

    @abc.abstractmethod
    def rescue(
        self, instance: Instance, image: Image, admin_password: str | None
    ) -> None:
        """Boot the guest from another image, with its own disk as the second one.

        Its power is cut, and a saved memory is forgotten.

        Args:
            image: fetched; its disk gets no size but its own.
            admin_password: for the config drive, if the guest has one.

        Raises:
            ImageUnacceptable: the image is not what it is said to be; the guest is off.
        """

    @abc.abstractmethod
    def unrescue(self, instance: Instance) -> None:
        """Cut the guest's power, boot its own system, and forget the rescue's."""

    @abc.abstractmethod
    def migrate_disk(self, instance: Instance, flavor: Flavor) -> None:
        """Keep the disk of a guest that is off as it is, and make it as large as said.

        What is kept already stays: it is of a try that ended half-way.
        """

    @abc.abstractmethod
    def finish_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        """Define a guest that is off again, with a flavor's size; boot it or not.

        One that runs by now was booted by a try that ended half-way.
        """

    @abc.abstractmethod
    def confirm_migration(self, instance: Instance) -> None:
        """Forget the disk that was kept; the hypervisor is not asked."""

    @abc.abstractmethod
    def finish_revert_migration(
        self, instance: Instance, flavor: Flavor, *, power_on: bool
    ) -> None:
        """Give a guest that is off the kept disk back, if one is kept.

        Then define it again as ``finish_migration`` does.
        """

    @abc.abstractmethod
    def destroy(self, instance: Instance) -> None:
        """Remove the guest and its files; what is not there is not missed."""

    @abc.abstractmethod
    def get_power_state(self, instance: Instance) -> PowerState:
        """What the guest does now; NOSTATE when there is none."""

    @abc.abstractmethod
    def get_guest_state(self, instance: Instance) -> GuestState:
        """How far an action that a dead process left has come; GONE without a guest."""

    @abc.abstractmethod
    def get_console_output(self, instance: Instance) -> str | None:
        """The end of what the guest wrote to its serial console, bounded by the driver.

        Returns:
            The text, or None when this hypervisor keeps none.
        """

    def take_suspects(self) -> set[str] | None:
        """The UUIDs of guests that may have changed unseen since this was asked last.

        Returns:
            Those for which a call that was given up has come back; None means all,
            for events were missed.
        """
        return set()

    @abc.abstractmethod
    def get_diagnostics(self, instance: Instance) -> Diagnostics | None:
        """What the hypervisor counts of a guest; None when it does not run."""

    @abc.abstractmethod
    def get_num_instances(self) -> int:
        """How many guests there are, running or not."""

    @abc.abstractmethod
    def get_available_resource(self) -> Resources:
        """What the host has, all guests aside."""
