# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The compute hosts of a cloud; each can go down and come back."""

import dataclasses
import threading
import time
from collections.abc import Sequence
from typing import Final

from minova import exception
from minova.api.faults.fault import Fault, Meeting
from minova.api.faults.registry import Faults
from minova.compute.leaving import Ending
from minova.compute.service import ComputeService, Settings
from minova.connections import Connections
from minova.db.wiping import Wiping
from minova.local.faults.hypervisor import FaultyDriver
from minova.objects.instance import Instance
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.vm_states import facts_of

_WITHIN: Final = 30.0
"""Seconds to wait for a host to come up."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HostSize:
    """A compute host, and the size that it claims to have."""

    name: str
    vcpus: int = 64
    memory_mb: int = 65536


class Hosts:
    """All hosts of a cloud.  While a host is down, its guests keep running."""

    def __init__(
        self,
        sizes: Sequence[HostSize],
        settings: Settings,
        connected: Connections,
        wiping: Wiping,
        faults: Faults,
    ) -> None:
        """Start no host yet.

        Args:
            settings: of every host; each gets its own name.
        """
        self._settings = settings
        self._connected = connected
        self._wiping = wiping
        self._faults = faults
        self._moving = threading.Lock()
        self._services: dict[str, ComputeService] = {}
        self._drivers = {size.name: self._driver(size) for size in sizes}

    def start(self) -> None:
        """Start the hosts one after the other, so that their ids follow their order."""
        for name in self._drivers:
            self._start(name)

    def close(self) -> None:
        """End the work in progress and all threads."""
        with self._moving:
            for name, service in self._services.items():
                self._drivers[name].is_cut_off.set()
                service.terminate()
                service.give_host_back()

    def guest_of(self, instance: Instance) -> FaultyDriver:
        """Return the driver that has the guest of a server.

        Raises:
            Conflict: the server is on no host and has no guest.
        """
        driver = self._drivers.get(instance.host or "")
        if driver is None:
            raise exception.Conflict(f"Server {instance.uuid} has no guest.")
        return driver

    def begin(self, fault: Fault, _instance: Instance | None) -> None:
        """Take a host down; raises Conflict: it is down already."""
        host = str(fault.host)
        with self._moving:
            service = self._services.pop(host, None)
            if service is None:
                raise exception.Conflict(f"Host {host} is down already.")
            self._drivers[host].is_cut_off.set()
            service.terminate()
            self._wiping.silence(host)
        self._faults.note(fault.id, Meeting(host=host))

    def end(self, fault: Fault) -> None:
        """Bring a host back, and wait until it is up."""
        with self._moving:
            self._start(str(fault.host))

    def _start(self, name: str) -> None:
        driver = self._drivers[name]
        driver.is_cut_off.clear()
        # A kept database may have a heartbeat of an earlier process, which says that
        # the host is up before it consumes.
        self._wiping.silence(name)
        service = self._services[name] = ComputeService(
            dataclasses.replace(self._settings, host=name),
            db=self._connected.db,
            driver=driver,
            images=self._connected.images,
            transport=self._connected.transport,
            leave=_leave,
        )
        threading.Thread(target=service.run, daemon=True).start()
        deadline = time.monotonic() + _WITHIN
        while not self._is_up(name) and time.monotonic() < deadline:
            time.sleep(0.005)

    def _is_up(self, name: str) -> bool:
        found = self._connected.db.service_list(
            self._settings.service_down_time, [name]
        )
        return any(service.alive for service in found)

    def _driver(self, size: HostSize) -> FaultyDriver:
        db = self._connected.db

        def is_wanted(instance: Instance) -> bool:
            return db.instance_is_held(instance.uuid, str(instance.claim_request_id))

        driver = FaultyDriver(
            *(size.name, size.vcpus, size.memory_mb),
            faults=self._faults,
            is_wanted=is_wanted,
        )
        for server in db.instances_on(size.name):
            guest = facts_of(server.vm_state).guest or GuestState.RUNNING
            driver.restore(server.uuid, guest)
        return driver


def _leave(_ending: Ending, why: str) -> None:
    """End a host that must not go on: n-cpu.log says why, and the host stays down."""
    raise RuntimeError(why)
