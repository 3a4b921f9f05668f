# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The compute hosts: their services, and what they have room for."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any, Final

DEFAULT_ZONE: Final = "nova"
"""The availability zone of a host that no aggregate has put into another."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A row of ``services``.

    Attributes:
        binary: Nova's name for it, ``nova-compute``: clients look for that.
        alive: its last heartbeat is younger than ``service_down_time``.
    """

    id: int
    uuid: str
    host: str
    binary: str
    disabled: bool
    disabled_reason: str | None
    forced_down: bool
    alive: bool
    last_seen_up: datetime.datetime | None
    zone: str = DEFAULT_ZONE


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a hypervisor has, before any ratio or reserve is applied; MiB and GiB.

    Attributes:
        local_gb: of the file system that the guests' files are in.
        disk_available_least: what is free of it.
        cpu_info: the processor, in Nova's words (``arch``, ``model``, ``features``, …).
        uptime: what uptime(1) prints on the host.
    """

    vcpus: int
    memory_mb: int
    local_gb: int
    hypervisor_type: str
    hypervisor_version: int
    hypervisor_hostname: str
    disk_available_least: int | None = None
    cpu_info: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    uptime: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What the scheduler may give away on a host, and what it gave already."""

    host: str
    vcpus_limit: int
    vcpus_used: int
    memory_mb_limit: int
    memory_mb_used: int
    zone: str = DEFAULT_ZONE


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hypervisor:
    """A row of ``compute_nodes`` with its service and what its servers take.

    Attributes:
        memory_mb_used: MiB given to servers, and what is kept for the host itself.
        local_gb_used: GiB that the flavors of its servers promise them.
        current_workload: how many of its servers have a task at hand.
        servers: name in the hypervisor and UUID of each, when asked for.
    """

    id: int
    uuid: str
    host: str
    hypervisor_hostname: str
    hypervisor_type: str
    hypervisor_version: int
    host_ip: str | None
    cpu_info: Mapping[str, Any]
    uptime: str | None
    vcpus: int
    vcpus_used: int
    memory_mb: int
    memory_mb_used: int
    local_gb: int
    local_gb_used: int
    disk_available_least: int | None
    running_vms: int
    current_workload: int
    service: Service
    servers: tuple[tuple[str, str], ...] = ()

    @property
    def free_ram_mb(self) -> int:
        return self.memory_mb - self.memory_mb_used

    @property
    def free_disk_gb(self) -> int:
        return self.local_gb - self.local_gb_used
