# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""libvirt's counters for a domain."""

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

import libvirt

from minova.objects.diagnostics import Diagnostics, Disk, Nic

_NO_COUNTERS: Final = (-1, -1, -1, -1, -1)


def read(domain: libvirt.virDomain, hypervisor: str) -> Diagnostics:
    """Read the counters of a running domain.

    A counter that the hypervisor does not have is left out or -1.  For example,
    libvirt's test driver counts neither memory nor disks.

    Raises:
        libvirt.libvirtError: the domain is not running.
    """
    # libvirt wrote this about a domain that minova defined.
    devices = ET.fromstring(domain.XMLDesc(0)).find("devices")  # noqa: S314
    found = ET.Element("devices") if devices is None else devices
    return Diagnostics(
        driver="libvirt",
        hypervisor=hypervisor,
        cpu_times=tuple(cpu[2] for cpu in domain.vcpus()[0]),
        disks=tuple(_disks(domain, found)),
        nics=tuple(_nics(domain, found)),
        memory_kib=domain.maxMemory(),
        memory=_memory(domain),
    )


def _disks(domain: libvirt.virDomain, devices: ET.Element) -> Iterator[Disk]:
    for target in devices.iterfind("disk/target"):
        name = target.get("dev", "")
        try:
            counters = domain.blockStats(name)
        except libvirt.libvirtError:
            counters = _NO_COUNTERS
        yield Disk(
            name=name,
            read_requests=counters[0],
            read_bytes=counters[1],
            write_requests=counters[2],
            write_bytes=counters[3],
            errors=counters[4],
        )


def _nics(domain: libvirt.virDomain, devices: ET.Element) -> Iterator[Nic]:
    """Yield all NICs.  A user-mode NIC has no host device, so its counters are 0."""
    for interface in devices.iterfind("interface"):
        target, mac = interface.find("target"), interface.find("mac")
        name = "" if target is None else target.get("dev", "")
        try:
            counters = domain.interfaceStats(name) if name else (0,) * 8
        except libvirt.libvirtError:
            counters = (0,) * 8
        yield Nic(
            name=name,
            mac_address="" if mac is None else mac.get("address", ""),
            rx_octets=counters[0],
            rx_packets=counters[1],
            rx_errors=counters[2],
            rx_drop=counters[3],
            tx_octets=counters[4],
            tx_packets=counters[5],
            tx_errors=counters[6],
            tx_drop=counters[7],
        )


def _memory(domain: libvirt.virDomain) -> dict[str, int]:
    try:
        return dict(domain.memoryStats())
    except libvirt.libvirtError:
        return {}
