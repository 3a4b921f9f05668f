# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Server side of the compute RPC: the actions of a host on its servers."""

import contextlib
import time
from typing import Any, Final

from oslo_log import log as logging
from oslo_utils import uuidutils

from minova import exception, rpc
from minova.compute.performs import InHand, performs
from minova.compute.reboot import reboot
from minova.compute.rebuild import rebuild
from minova.compute.rescue import rescue
from minova.compute.resize import confirm, resize, revert
from minova.compute.steps import is_wanted
from minova.compute.storing import until_stored
from minova.context import RequestContext
from minova.db.api import Database
from minova.images import ImageSource
from minova.objects.instance import Instance
from minova.virt.driver import ComputeDriver, Shutdown
from minova.vocabulary import instance_actions
from minova.vocabulary.power_state import OFF, PowerState

LOG = logging.getLogger(__name__)

_LONGEST_WAIT: Final = 3600
"""Seconds: the upper bound for an image's ``os_shutdown_timeout``."""
# Errors that another host would run into as well.
_NOT_ELSEWHERE_EITHER: Final = (
    exception.Invalid,
    exception.ImageNotFound,
    exception.GlanceConnectionFailed,
    exception.NoMoreNetworks,
)


class ComputeManager:
    """The methods that RPC messages call, and the state that these methods share."""

    target = rpc.target(instance_actions.RPC_VERSION)
    lanes: Final = {row.rpc_method: row.lane for row in instance_actions.ALL}

    def __init__(
        self,
        host: str,
        db: Database,
        driver: ComputeDriver,
        images: ImageSource,
        *,
        force_config_drive: bool = False,
        shutdown_timeout: float = 60,
        shutdown_retry_interval: float = 10,
    ) -> None:
        """Perform actions on the servers of ``host``.

        Args:
            force_config_drive: whether every new server gets a config drive.
            shutdown_timeout: seconds a guest may take to power itself off, unless its
                image says otherwise (``os_shutdown_timeout``).
            shutdown_retry_interval: seconds after which the guest is asked again.
        """
        self.host = host
        self._force_config_drive = force_config_drive
        self._shutdown_timeout = shutdown_timeout
        self._shutdown_retry_interval = shutdown_retry_interval
        self.db = db
        self.driver = driver
        self.images = images
        self.in_hand = InHand()
        self.suspects: set[str] = set()
        """The UUIDs of instances whose guests ``PowerSync`` must check again."""

    def change(self, shutdown_timeout: float, shutdown_retry_interval: float) -> None:
        """Use these times from the next guest on."""
        self._shutdown_timeout = shutdown_timeout
        self._shutdown_retry_interval = shutdown_retry_interval

    @rpc.exposed
    @performs(instance_actions.CREATE)
    def build_and_run_instance(
        self, context: RequestContext, instance: Instance
    ) -> None:
        LOG.debug("Starting instance...", instance_uuid=instance.uuid)
        try:
            self._build(context, instance)
        except _NOT_ELSEWHERE_EITHER as error:
            raise exception.BuildAbort(instance.uuid, error) from error

    def _build(self, context: RequestContext, instance: Instance) -> None:
        started = time.monotonic()
        prepared = until_stored(
            lambda _again: self.db.instance_prepare(
                instance.uuid, force_config_drive=self._force_config_drive
            ),
            "the network and the config drive",
            instance_uuid=instance.uuid,
        )
        image = self.images.fetch(context, instance.image_ref)
        LOG.debug(
            "Start spawning the instance on the hypervisor.",
            instance_uuid=instance.uuid,
        )
        self.driver.spawn(prepared, image)
        LOG.info(
            "Took %0.2f seconds to spawn the instance on the hypervisor.",
            time.monotonic() - started,
            instance_uuid=instance.uuid,
        )

    @rpc.exposed
    @performs(instance_actions.PAUSE)
    def pause_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Pausing", instance_uuid=instance.uuid)
        self.driver.pause(instance)

    @rpc.exposed
    @performs(instance_actions.UNPAUSE)
    def unpause_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Unpausing", instance_uuid=instance.uuid)
        self.driver.unpause(instance)

    @rpc.exposed
    @performs(instance_actions.SUSPEND)
    def suspend_instance(self, context: RequestContext, instance: Instance) -> None:
        self.driver.suspend(instance)

    @rpc.exposed
    @performs(instance_actions.RESUME)
    def resume_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Resuming", instance_uuid=instance.uuid)
        self.driver.resume(instance)

    @rpc.exposed
    @performs(instance_actions.STOP)
    def stop_instance(self, context: RequestContext, instance: Instance) -> None:
        power_state = self.get_power_state(instance)
        LOG.debug(
            "Stopping instance; current vm_state: %s, current task_state: %s, current "
            "DB power_state: %d, current VM power_state: %d",
            instance.vm_state,
            instance.task_state,
            instance.power_state,
            power_state,
            instance_uuid=instance.uuid,
        )
        if power_state in OFF | {PowerState.NOSTATE}:
            LOG.info(
                "Instance is already powered off in the hypervisor when stop is "
                "called.",
                instance_uuid=instance.uuid,
            )
        self.power_off(context, instance)

    @rpc.exposed
    @performs(instance_actions.START)
    def start_instance(self, context: RequestContext, instance: Instance) -> None:
        self.driver.power_on(instance)

    @rpc.exposed
    @performs(instance_actions.REBOOT_SOFT, instance_actions.REBOOT_HARD)
    def reboot_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Rebooting instance", instance_uuid=instance.uuid)
        reboot(self, context, instance)

    @rpc.exposed
    @performs(instance_actions.RESCUE)
    def rescue_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Rescuing", instance_uuid=instance.uuid)
        rescue(self, context, instance)

    @rpc.exposed
    @performs(instance_actions.UNRESCUE)
    def unrescue_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Unrescuing", instance_uuid=instance.uuid)
        self.driver.unrescue(instance)

    @rpc.exposed
    @performs(instance_actions.REBUILD)
    def rebuild_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Rebuilding instance", instance_uuid=instance.uuid)
        rebuild(self, context, instance)

    @rpc.exposed
    @performs(instance_actions.RESIZE)
    def prep_resize(self, context: RequestContext, instance: Instance) -> None:
        resize(self, context, instance)

    @rpc.exposed
    @performs(instance_actions.CONFIRM_RESIZE)
    def confirm_resize(self, context: RequestContext, instance: Instance) -> None:
        confirm(self, instance)

    @rpc.exposed
    @performs(instance_actions.REVERT_RESIZE)
    def revert_resize(self, context: RequestContext, instance: Instance) -> None:
        revert(self, instance)

    @rpc.exposed
    @performs(instance_actions.SOFT_DELETE)
    def soft_delete_instance(self, context: RequestContext, instance: Instance) -> None:
        with contextlib.suppress(exception.InstanceNotFound):
            self.driver.power_off(instance)

    @rpc.exposed
    @performs(instance_actions.RESTORE)
    def restore_instance(self, context: RequestContext, instance: Instance) -> None:
        """Boot the guest.  If a delete took over a rebuild, complete the rebuild."""
        try:
            self.driver.power_on(instance)
        except exception.InstanceNotFound:
            LOG.info(
                "There is no guest to restore. Building it again.",
                instance_uuid=instance.uuid,
            )
            image = self.images.fetch(context, instance.image_ref)
            self.driver.spawn(instance, image)

    @rpc.exposed
    @performs(instance_actions.DELETE)
    def terminate_instance(self, context: RequestContext, instance: Instance) -> None:
        LOG.info("Terminating instance", instance_uuid=instance.uuid)
        LOG.debug(
            "Start destroying the instance on the hypervisor.",
            instance_uuid=instance.uuid,
        )
        started = time.monotonic()
        self.driver.destroy(instance)
        LOG.info(
            "Took %0.2f seconds to destroy the instance on the hypervisor.",
            time.monotonic() - started,
            instance_uuid=instance.uuid,
        )

    @rpc.exposed_with(
        instance_uuid=uuidutils.is_uuid_like,
        tail=lambda value: value is None or isinstance(value, int),
    )
    def get_console_output(
        self, context: RequestContext, instance_uuid: str, tail: int | None
    ) -> str | None:
        """Return the last ``tail`` lines of a console.  None asks for all lines.

        Returns:
            The text, or None if there is no such server or no console.
        """
        instance = self.db.instance_get(instance_uuid)
        if instance is None:
            return None
        LOG.info("Get console output", instance_uuid=instance_uuid)
        output = self.driver.get_console_output(instance)
        if output is None or tail is None:
            return output
        # As in Nova, the text after the last newline counts as a line, even if empty.
        return "\n".join(output.split("\n")[-tail:]) if tail > 0 else ""

    @rpc.exposed
    def get_diagnostics(
        self, context: RequestContext, instance_uuid: str
    ) -> dict[str, Any] | None:
        """Return the hypervisor's counters of a guest, or None if it does not run."""
        instance = self.db.instance_get(instance_uuid)
        if instance is None:
            return None
        LOG.debug("Retrieving diagnostics", instance_uuid=instance_uuid)
        found = self.driver.get_diagnostics(instance)
        return None if found is None else found.to_message()

    def power_off(self, context: RequestContext, instance: Instance) -> None:
        """Ask a guest to power itself off, and cut its power after the timeout.

        The claim's argument ``clean_shutdown`` says whether to ask at all.  A missing
        guest counts as off.

        Raises:
            TaskPreempted: another request took the server over during the wait.
        """
        arguments = instance.claim_arguments or {}
        shutdown = Shutdown(
            timeout=self._shutdown_timeout_of(instance),
            retry_interval=self._shutdown_retry_interval,
            is_wanted=lambda: is_wanted(self.db, context, instance),
        )
        with contextlib.suppress(exception.InstanceNotFound):
            self.driver.power_off(
                instance, shutdown if arguments.get("clean_shutdown", True) else None
            )

    def _shutdown_timeout_of(self, instance: Instance) -> float:
        """Return the image's ``os_shutdown_timeout``, or else the option's value."""
        said = (instance.image_properties or {}).get("os_shutdown_timeout")
        try:
            if said is not None:
                return min(int(said), _LONGEST_WAIT)
        except (TypeError, ValueError):
            LOG.warning(
                "Metadata value %s for %s is not of type %s. Using default value %s.",
                said,
                "image_os_shutdown_timeout",
                int,
                self._shutdown_timeout,
                instance_uuid=instance.uuid,
            )
        return self._shutdown_timeout

    def get_power_state(self, instance: Instance) -> PowerState:
        LOG.debug("Checking state", instance_uuid=instance.uuid)
        return self.driver.get_power_state(instance)
