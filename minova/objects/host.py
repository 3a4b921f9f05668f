# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compute hosts: their services and their room."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any, Final

DEFAULT_ZONE: Final = "nova"
"""The availability zone of a host that no aggregate puts into another zone."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A row of ``services``.

    Attributes:
        binary: Nova's name, ``nova-compute``, because clients look for it.
        alive: whether its last heartbeat is younger than ``service_down_time``.
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
    """The resources of a hypervisor, before ratio and reserve; in MiB and GiB.

    Attributes:
        local_gb: the size of the file system with the guests' files.
        disk_available_least: the free space of that file system.
        cpu_info: the processor, by Nova's keys (``arch``, ``model``, ``features``, …).
        uptime: the output of uptime(1) on the host.
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
    """How much of a host the scheduler may give away, and how much is used."""

    host: str
    vcpus_limit: int
    vcpus_used: int
    memory_mb_limit: int
    memory_mb_used: int
    zone: str = DEFAULT_ZONE


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hypervisor:
    """A row of ``compute_nodes``, with its service and the usage of its servers.

    Attributes:
        memory_mb_used: MiB of its servers, plus the host's own reserve.
        local_gb_used: GiB of disk in the flavors of its servers.
        current_workload: how many of its servers have a ``task_state``.
        servers: each server's name in the hypervisor and UUID, if asked for.
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
