# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The compute hosts: their services, and what they have room for."""

import dataclasses
import datetime


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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a hypervisor has, before any ratio or reserve is applied; MiB and GiB."""

    vcpus: int
    memory_mb: int
    local_gb: int
    hypervisor_type: str
    hypervisor_version: int
    hypervisor_hostname: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What the scheduler may give away on a host, and what it gave already."""

    host: str
    vcpus_limit: int
    vcpus_used: int
    memory_mb_limit: int
    memory_mb_used: int
