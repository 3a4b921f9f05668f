# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The service of n-cpu: RPC server, driver and periodic work."""

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent import futures
from typing import Any, Final

from oslo_log import log as logging

from minova import exception, rpc
from minova.compute.hearing import Hearing
from minova.compute.leaving import Ending, Leave
from minova.compute.manager import ComputeManager
from minova.compute.periodic import PeriodicWork
from minova.compute.power_sync import PowerSync
from minova.compute.reclaim import Reclaim
from minova.compute.resize_confirm_window import confirm_old
from minova.compute.unfinished import Settlement
from minova.context import RequestContext
from minova.db.api import Database
from minova.images import ImageSource
from minova.virt.driver import ComputeDriver
from minova.vocabulary import instance_actions

LOG = logging.getLogger(__name__)

_HEAD_START: Final = 1.0
"""Seconds for settling old actions before the first message is taken."""
_ALL_BUILDS: Final = 1000
"""Threads for builds if ``max_concurrent_builds`` sets no limit."""
_RECLAIM_SPACING: Final = 60
"""Seconds between two runs: the default of Nova's periodic tasks."""
_NO_HYPERVISOR: Final = (exception.HypervisorUnavailable, exception.HypervisorSilent)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of the options.  Times are in seconds, and memory is in MiB."""

    host: str
    boot_id: str
    service_down_time: int
    cpu_allocation_ratio: float
    ram_allocation_ratio: float
    reserved_host_memory_mb: int
    host_ip: str
    report_interval: int
    hearing_timeout: int
    rpc_delivery_timeout: float
    sync_power_state_interval: int
    settle_interval: int
    settle_grace: int
    force_config_drive: bool = False
    shutdown_timeout: float = 60
    shutdown_retry_interval: float = 10
    resize_confirm_window: int = 0
    reclaim_instance_interval: int = 0
    max_concurrent_builds: int = 10


class ComputeService:
    """One compute host.  It must be made after the fork."""

    def __init__(
        self,
        settings: Settings,
        *,
        db: Database,
        driver: ComputeDriver,
        images: ImageSource,
        transport: Any,
        leave: Leave,
    ) -> None:
        """Make the service without connecting to anything.

        Args:
            leave: called when n-cpu must end.
        """
        self._settings = settings
        self._db = db
        self._driver = driver
        self._leave = leave
        self._manager = ComputeManager(
            settings.host,
            db,
            driver,
            images,
            force_config_drive=settings.force_config_drive,
            shutdown_timeout=settings.shutdown_timeout,
            shutdown_retry_interval=settings.shutdown_retry_interval,
        )
        self._power_sync = PowerSync(self._manager)
        self._hearing = Hearing(transport, settings.host, settings.rpc_delivery_timeout)
        self._server = rpc.create_server(
            transport,
            settings.host,
            self._manager,
            self._hearing,
            builds=settings.max_concurrent_builds or _ALL_BUILDS,
        )
        # The heartbeat has its own thread: a slow guest must not make the host look
        # dead.
        self._heartbeat = PeriodicWork(
            [(settings.report_interval, self._report)], leave
        )
        self._periodic = PeriodicWork(
            [
                (settings.settle_interval, self._settle),
                (settings.settle_interval, self._confirm_resizes),
            ],
            leave,
        )
        # The power sync has its own thread: a hanging guest must not delay settling.
        self._sync = PeriodicWork(
            [
                (settings.settle_interval, self._sync_suspects),
                (settings.sync_power_state_interval, self._sync_all),
            ],
            leave,
        )
        # Reclaiming has its own thread, because deleting a guest can be slow.
        interval = settings.reclaim_instance_interval
        reclaim = Reclaim(self._manager, interval)
        spacing = min(interval, _RECLAIM_SPACING) if interval > 0 else _RECLAIM_SPACING
        self._reclaim = PeriodicWork([(spacing, reclaim.reclaim_queued_deletes)], leave)
        self._settlement = Settlement(self._manager)
        # Held while the service starts to consume or stops.
        self._moving = threading.Lock()
        self._consuming = False
        self._is_cut_off = False
        self._stopping = threading.Event()
        self._stopped = threading.Event()

    def run(self) -> None:
        """Settle the actions of an earlier process, then consume until ``terminate``.

        The order is Nova's (``Service.start``), but settling delays new messages only
        briefly.  A claim is still performed only once.

        The start waits for the database.  If a later step fails because the database or
        the hypervisor is away, the periodic work tries it again.
        """
        RequestContext.service()
        if not self._take_host():
            return
        LOG.info("Starting compute node on host %s", self._settings.host)
        self._driver.init_host(self._power_sync.handle_lifecycle_event)
        for step in (self._update_node, self._settle_first, self._power_sync.sync_all):
            if self._stopping.is_set():
                return
            self._try(step)
        with self._moving:
            if self._stopping.is_set():
                return
            self._server.start()
            self._consuming = True
        # From now on the host can receive its own message.  A heartbeat requires that.
        self._try(self._report)
        LOG.info("Consuming from compute.%s", self._settings.host)
        threading.Thread(target=self._heartbeat.run, daemon=True).start()
        threading.Thread(target=self._sync.run, daemon=True).start()
        threading.Thread(target=self._reclaim.run, daemon=True).start()
        self._periodic.run()
        self._stopped.wait()

    def terminate(self) -> None:
        """Take no new messages, finish the running actions, and end."""
        LOG.info("Stopping after the actions in progress")
        self._stopping.set()
        # While RabbitMQ is away, ``run`` waits for it and holds the lock.
        if self._moving.acquire(timeout=5):
            if self._consuming:
                self._heartbeat.stop()
                self._sync.stop()
                self._reclaim.stop()
                self._periodic.stop()
                self._server.stop()
                self._server.wait()
                self._settlement.stop()
            self._moving.release()
        self._hearing.close()
        self._driver.close()
        self._stopped.set()

    def change(self, settings: Settings) -> None:
        """Use new settings.  Each interval counts from the next run of its work."""
        self._settings = settings
        self._manager.change(
            settings.shutdown_timeout, settings.shutdown_retry_interval
        )
        self._heartbeat.change([settings.report_interval])
        self._periodic.change([settings.settle_interval] * 2)
        self._sync.change(
            [settings.settle_interval, settings.sync_power_state_interval]
        )

    def give_host_back(self) -> None:
        """Let another machine serve this host at once, if the database can be told."""
        settings = self._settings
        with contextlib.suppress(exception.DatabaseUnavailable):
            self._db.service_leave(settings.host, settings.boot_id)

    def _take_host(self) -> bool:
        """Wait for the database, and check that no other machine serves this host.

        Returns:
            Whether this machine may serve it.  False also if n-cpu is stopped first.
        """
        settings = self._settings
        while not self._stopping.is_set():
            try:
                taken = self._db.service_take(
                    settings.host, settings.boot_id, settings.service_down_time
                )
            except exception.DatabaseUnavailable:
                self._stopping.wait(1)
                continue
            if not taken:
                self._leave_to_another()
            return taken
        return False

    def _leave_to_another(self) -> None:
        settings = self._settings
        self._leave(
            Ending.REFUSED,
            f"another machine serves host {settings.host}: its heartbeat is less than "
            f"{settings.service_down_time} s old and has another boot id",
        )

    def _settle_first(self) -> None:
        """Begin to settle, and wait a short time before messages are taken.

        A hanging guest, or many builds, must not keep the host deaf.
        """
        futures.wait(self._settlement.begin(older_than=0), _HEAD_START)

    def _settle(self) -> None:
        self._settlement.begin(self._settings.settle_grace)

    def _confirm_resizes(self) -> None:
        if window := self._settings.resize_confirm_window:
            confirm_old(self._manager, window)

    def _sync_all(self) -> None:
        try:
            self._power_sync.sync_all()
        except _NO_HYPERVISOR as error:
            LOG.warning("Cannot synchronize power states now: %s", error)

    def _sync_suspects(self) -> None:
        try:
            self._power_sync.sync_suspects()
        except _NO_HYPERVISOR as error:
            # The heartbeat logs a warning about it.
            LOG.debug("Cannot synchronize power states now: %s", error)

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except (exception.Unavailable, exception.HypervisorSilent) as error:
            LOG.warning("A step of the start failed and will be tried again: %s", error)

    def _report(self) -> None:
        """Store the host's resources and, if the host works, its heartbeat.

        The scheduler must not choose a host without a hypervisor, and ``os-services``
        must not show a host as up if no message reaches it.
        """
        if not self._update_node():
            return
        if self._hearing.check(RequestContext.service()):
            settings = self._settings
            if not self._db.service_report(
                settings.host, settings.boot_id, instance_actions.RPC_VERSION
            ):
                self._leave_to_another()
        elif self._hearing.deaf_for > self._settings.hearing_timeout:
            self._leave_deaf()

    def _update_node(self) -> bool:
        """Store the host's resources, and return whether its hypervisor answers."""
        settings = self._settings
        try:
            has = self._driver.get_available_resource()
        except _NO_HYPERVISOR as error:
            # Warn once in each outage: a heartbeat comes every few seconds.
            level = logging.DEBUG if self._is_cut_off else logging.WARNING
            LOG.log(level, "%s", error)
            self._is_cut_off = True
            return False
        self._is_cut_off = False
        self._db.compute_node_update(
            settings.host,
            has,
            vcpus_limit=int(has.vcpus * settings.cpu_allocation_ratio),
            memory_mb_limit=int(
                max(0, has.memory_mb - settings.reserved_host_memory_mb)
                * settings.ram_allocation_ratio
            ),
            memory_mb_reserved=settings.reserved_host_memory_mb,
            host_ip=settings.host_ip,
        )
        return True

    def _leave_deaf(self) -> None:
        """End n-cpu, so that its supervisor starts one that receives messages.

        Running actions get ``hearing_timeout`` seconds.  The next n-cpu settles the
        rest.
        """
        LOG.error(
            "This host has received nothing for %.0f s, although RabbitMQ accepts "
            "messages. n-cpu exits so that its supervisor restarts it.",
            self._hearing.deaf_for,
        )
        deadline = time.monotonic() + self._settings.hearing_timeout
        while self._manager.in_hand and time.monotonic() < deadline:
            time.sleep(0.1)
        self._leave(Ending.DEAF, "it has heard nothing for too long")
