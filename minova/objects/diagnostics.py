# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's counters of a running guest; plain dicts in RPC messages."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Bytes and requests since the guest was started; -1 means unknown."""

    name: str
    read_bytes: int
    read_requests: int
    write_bytes: int
    write_requests: int
    errors: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """Bytes and packets since the guest was started, seen from the host."""

    name: str
    mac_address: str
    rx_octets: int
    rx_packets: int
    rx_errors: int
    rx_drop: int
    tx_octets: int
    tx_packets: int
    tx_errors: int
    tx_drop: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """One look at a guest.

    Attributes:
        driver: ``libvirt`` or ``fake``.
        hypervisor: ``qemu``, ``kvm``, …
        cpu_times: nanoseconds of each vCPU.
        memory_kib: the guest's maximum memory.
        memory: the hypervisor's own counters, by their names.
    """

    driver: str
    hypervisor: str
    cpu_times: tuple[int, ...]
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()
    memory_kib: int | None = None
    memory: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def to_message(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_message(cls, values: dict[str, Any]) -> Self:
        nested = {
            "cpu_times": tuple(values["cpu_times"]),
            "disks": tuple(Disk(**disk) for disk in values["disks"]),
            "nics": tuple(Nic(**nic) for nic in values["nics"]),
        }
        return cls(**(values | nested))
