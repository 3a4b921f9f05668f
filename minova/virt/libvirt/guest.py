# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guest: one domain of libvirt, and what can be done with it."""

import time
from collections.abc import Callable
from typing import Final

import libvirt
from oslo_log import log as logging

from minova import exception
from minova.objects.diagnostics import Diagnostics
from minova.virt.libvirt import diagnostics, xml
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.power_state import OFF, PowerState

LOG = logging.getLogger(__name__)

_POWER_STATE: Final = {
    libvirt.VIR_DOMAIN_NOSTATE: PowerState.NOSTATE,
    libvirt.VIR_DOMAIN_RUNNING: PowerState.RUNNING,
    # Waiting for a resource: the guest is on.
    libvirt.VIR_DOMAIN_BLOCKED: PowerState.RUNNING,
    libvirt.VIR_DOMAIN_PAUSED: PowerState.PAUSED,
    # Being shut down; SHUTOFF follows.
    libvirt.VIR_DOMAIN_SHUTDOWN: PowerState.SHUTDOWN,
    libvirt.VIR_DOMAIN_SHUTOFF: PowerState.SHUTDOWN,
    libvirt.VIR_DOMAIN_CRASHED: PowerState.CRASHED,
    libvirt.VIR_DOMAIN_PMSUSPENDED: PowerState.SUSPENDED,
}

# The file is missing or incomplete.  libvirt would then boot, or not start at all.
_UNREADABLE: Final = {
    libvirt.VIR_ERR_OPERATION_INVALID,
    libvirt.VIR_ERR_OPERATION_FAILED,
}
_STARTING: Final = [
    libvirt.VIR_DOMAIN_PAUSED,
    libvirt.VIR_DOMAIN_PAUSED_STARTING_UP,
]


class Guest:
    """A domain of this deployment.

    Methods raise ``libvirt.libvirtError``, also if the guest has vanished.  ``Door``
    turns this case into ``InstanceNotFound``.
    """

    def __init__(self, domain: libvirt.virDomain) -> None:
        self._domain = domain

    @property
    def uuid(self) -> str:
        return str(self._domain.UUIDString())

    @property
    def name(self) -> str:
        """The name that ``virsh list`` shows."""
        return str(self._domain.name())

    @property
    def power_state(self) -> PowerState:
        state, _reason = self._domain.state()
        return _POWER_STATE[state]

    @property
    def state(self) -> GuestState:
        """The detailed state: also whether memory is saved, and which system runs.

        Raises:
            HypervisorSilent: libvirt is still starting the guest, perhaps for a process
                that has died.
            GuestStartHangs: the same, for longer than libvirt itself waits.
        """
        if self.is_starting and self._is_in_a_job:
            raise exception.HypervisorSilent("The guest is still being started.")
        match self.power_state:
            case PowerState.RUNNING:
                return GuestState.RESCUED if self._is_rescued else GuestState.RUNNING
            case PowerState.PAUSED:
                return GuestState.PAUSED
            case PowerState.SUSPENDED:
                return GuestState.ASLEEP
        return GuestState.SAVED if self._has_memory else GuestState.OFF

    @property
    def is_starting(self) -> bool:
        """Whether libvirt shows a start: in progress, or cut off when libvirtd died."""
        return bool(self._domain.state() == _STARTING)

    @property
    def domain_id(self) -> int:
        """A number that is new at each start of the guest; -1 while it is off."""
        return int(self._domain.ID())

    @property
    def description(self) -> str:
        """The XML for the next start."""
        return str(self._domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))

    @property
    def _is_in_a_job(self) -> bool:
        """Whether libvirt has a job for the guest, such as starting it.

        If libvirtd dies during a start, the guest stays paused without a job.
        """
        try:
            kind = self._domain.jobInfo()[0]
        except libvirt.libvirtError as error:
            code = error.get_error_code()
            if code == libvirt.VIR_ERR_OPERATION_TIMEOUT:
                raise exception.GuestStartHangs(self.uuid) from error
            if code != libvirt.VIR_ERR_OPERATION_INVALID:
                raise
            return False  # it is off
        return bool(kind != libvirt.VIR_DOMAIN_JOB_NONE)

    @property
    def _is_rescued(self) -> bool:
        element = self._domain.metadata(
            libvirt.VIR_DOMAIN_METADATA_ELEMENT, xml.NAMESPACE
        )
        return xml.is_of_rescue(element)

    @property
    def _has_memory(self) -> bool:
        """Whether libvirt can read a saved memory: the file may have been removed."""
        if not self._domain.hasManagedSaveImage():
            return False
        try:
            self._domain.managedSaveGetXMLDesc()
        except libvirt.libvirtError as error:
            code = error.get_error_code()
            if code in _UNREADABLE:
                return False
            # libvirt's test driver has no files.
            if code != libvirt.VIR_ERR_NO_SUPPORT:
                raise
        return True

    def launch(self) -> None:
        """Start the guest (virDomainCreate)."""
        self._lead_to(PowerState.RUNNING, self._domain.create)

    def pause(self) -> None:
        """Freeze the guest: libvirt calls this *suspend* (virDomainSuspend).

        Nova's suspend is different: it writes memory to disk (managedSave).
        """
        self._lead_to(PowerState.PAUSED, self._domain.suspend)

    def resume(self) -> None:
        """Let the guest continue where it stopped (virDomainResume)."""
        self._lead_to(PowerState.RUNNING, self._domain.resume)

    def save_memory(self) -> None:
        """Write the memory to disk and end QEMU (virDomainManagedSave).

        This is Nova's suspend.  What libvirt calls suspend is Nova's pause.

        Raises:
            InstanceNotRunning: the guest is off and nothing is saved.
        """
        try:
            self._domain.managedSave()
        except libvirt.libvirtError as error:
            state = self.state
            if state is GuestState.OFF:
                raise exception.InstanceNotRunning(self.uuid) from error
            if state is not GuestState.SAVED:
                raise

    def go_on(self) -> None:
        """Restore the saved memory (virDomainCreate), and let the guest continue.

        A guest that was paused when it was saved is restored as paused, then resumed.

        Raises:
            SavedMemoryGone: no memory is saved.  libvirt would just boot the guest.
        """
        if self.power_state is not PowerState.PAUSED:
            if self.state is GuestState.OFF:
                raise exception.SavedMemoryGone(self.uuid)
            self.launch()
        if self.power_state is PowerState.PAUSED:
            self.resume()

    def forget_what_was_read(self) -> None:
        """Delete the saved memory of a guest that is on.

        The memory is left over if libvirtd died while restoring it.  If it stayed, the
        guest would count as saved once it is off, and its next start would restore this
        old memory.  A guest that is just being saved keeps its memory: libvirt has a
        job for the guest until it is off.
        """
        if self.power_state in OFF or not self._domain.hasManagedSaveImage():
            return
        # Check the power again: the job may just have ended.
        if not self._is_in_a_job and self.power_state not in OFF:
            self.forget_memory()

    def forget_memory(self) -> None:
        """Delete a saved memory: the next start boots (virDomainManagedSaveRemove)."""
        if not self._domain.hasManagedSaveImage():
            return
        try:
            self._domain.managedSaveRemove()
        except libvirt.libvirtError:
            # libvirt also fails if the file is already gone.
            if self._has_memory:
                raise

    def press_power_button(self) -> None:
        """Ask the guest to power itself off (virDomainShutdown: ACPI).

        An error is ignored: the guest is asked again later, or its power is cut.
        """
        try:
            self._domain.shutdown()
        except libvirt.libvirtError as error:
            LOG.debug(
                "Ignoring libvirt exception from shutdown request: %s",
                error.get_error_message(),
                instance_uuid=self.uuid,
            )

    def _lead_to(self, target: PowerState, change: Callable[[], object]) -> None:
        """Change the guest; an error is ignored if the guest is in the target state."""
        try:
            change()
        except libvirt.libvirtError:
            if self.power_state is not target:
                raise

    def sync_guest_time(self) -> None:
        """Set the guest's clock to now, if it runs the QEMU guest agent.

        Lines and ignored errors as in Nova's ``libvirt.guest.Guest.sync_guest_time``.
        """
        now = time.time()
        seconds, nanoseconds = int(now), int(now % 1 * 1e9)
        try:
            self._domain.setTime({"seconds": seconds, "nseconds": nanoseconds})
        except libvirt.libvirtError as error:
            code = error.get_error_code()
            why = _NO_TIME.get(code, error.get_error_message())
            LOG.debug("Failed to set time: %s", why, instance_uuid=self.uuid)
        else:
            LOG.debug(
                "Time updated to: %d.%09d",
                seconds,
                nanoseconds,
                instance_uuid=self.uuid,
            )

    def diagnostics(self, hypervisor: str) -> Diagnostics | None:
        """Return libvirt's counters of the guest, or None if it does not run."""
        if self.power_state is not PowerState.RUNNING:
            return None
        try:
            return diagnostics.read(self._domain, hypervisor)
        except libvirt.libvirtError:
            # It may have gone off meanwhile.
            if self.power_state is PowerState.RUNNING:
                raise
            return None

    def power_off(self) -> None:
        """Cut the power (virDomainDestroy); a guest that is off stays off."""
        if not self._domain.isActive():
            return
        try:
            self._domain.destroy()
        except libvirt.libvirtError as error:
            # The guest went off by itself in between.
            if error.get_error_code() != libvirt.VIR_ERR_OPERATION_INVALID:
                raise

    def delete(self) -> None:
        """Cut the power and remove the guest from libvirt (virDomainUndefineFlags)."""
        self.power_off()
        flags = libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
        # Delete UEFI's variables too.  libvirt's test driver does not know the flag.
        if "firmware='efi'" in self._domain.XMLDesc():
            flags |= libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
        self._domain.undefineFlags(flags)


_NO_TIME: Final = {
    libvirt.VIR_ERR_AGENT_UNRESPONSIVE: "QEMU agent unresponsive",
    libvirt.VIR_ERR_NO_SUPPORT: "not supported",
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED: "not supported",
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED: "agent not configured",
}
