# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A guest's counters as JSON: libvirt's names until 2.47, then Nova's own."""

import dataclasses
import datetime
from typing import Any

from minova.objects.diagnostics import Diagnostics, Disk, Nic
from minova.objects.instance import Instance


def as_libvirt_says(found: Diagnostics) -> dict[str, int]:
    """Show the counters until 2.47."""
    shown = {f"cpu{number}_time": time for number, time in enumerate(found.cpu_times)}
    for disk in found.disks:
        shown |= {
            f"{disk.name}_read_req": disk.read_requests,
            f"{disk.name}_read": disk.read_bytes,
            f"{disk.name}_write_req": disk.write_requests,
            f"{disk.name}_write": disk.write_bytes,
            f"{disk.name}_errors": disk.errors,
        }
    if found.memory_kib is not None:
        shown["memory"] = found.memory_kib
    shown |= {f"memory-{name}": value for name, value in found.memory.items()}
    # A user-mode NIC has no device on the host, so its counters have no name.
    for nic in (one for one in found.nics if one.name):
        shown |= _nic_as_libvirt_says(nic)
    return shown


def _nic_as_libvirt_says(nic: Nic) -> dict[str, int]:
    return {
        f"{nic.name}_{counter.removesuffix('_octets')}": count
        for counter, count in dataclasses.asdict(nic).items()
        if counter.startswith(("rx_", "tx_"))
    }


def standard(instance: Instance, found: Diagnostics) -> dict[str, Any]:
    """Show the counters since 2.48."""
    # Nova takes libvirt's KiB for bytes (nova.virt.libvirt.driver), so it shows 0 for a
    # guest with less than 1 TiB.
    memory = (found.memory_kib or 0) // 1024**2
    return {
        "state": instance.power_state.name.lower(),
        "driver": found.driver,
        "hypervisor": found.hypervisor,
        "hypervisor_os": "linux",
        "uptime": _seconds_since(instance.launched_at),
        "config_drive": instance.config_drive,
        "num_cpus": len(found.cpu_times),
        "num_nics": len(found.nics),
        "num_disks": len(found.disks),
        "disk_details": [_disk(disk) for disk in found.disks],
        "cpu_details": [
            {"id": number, "time": time, "utilisation": None}
            for number, time in enumerate(found.cpu_times)
        ],
        "nic_details": [_nic(nic) for nic in found.nics],
        "memory_details": {"maximum": memory, "used": memory},
    }


def _seconds_since(launched_at: datetime.datetime | None) -> int | None:
    if launched_at is None:
        return None
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    return max(0, int((now - launched_at).total_seconds()))


def _disk(disk: Disk) -> dict[str, int]:
    return {
        "read_bytes": disk.read_bytes,
        "read_requests": disk.read_requests,
        "write_bytes": disk.write_bytes,
        "write_requests": disk.write_requests,
        "errors_count": disk.errors,
    }


def _nic(nic: Nic) -> dict[str, Any]:
    return {
        "mac_address": nic.mac_address,
        "rx_octets": nic.rx_octets,
        "rx_errors": nic.rx_errors,
        "rx_drop": nic.rx_drop,
        "rx_packets": nic.rx_packets,
        "rx_rate": None,
        "tx_octets": nic.tx_octets,
        "tx_errors": nic.tx_errors,
        "tx_drop": nic.tx_drop,
        "tx_packets": nic.tx_packets,
        "tx_rate": None,
    }
