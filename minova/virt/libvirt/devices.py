# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The devices of a guest: serial line, disk, config drive, NIC."""

import ipaddress
import pathlib
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree

_QEMU: Final = "http://libvirt.org/schemas/domain/qemu/1.0"

ElementTree.register_namespace("qemu", _QEMU)


def serial(folder: pathlib.Path) -> ElementTree.Element:
    device = ElementTree.Element("serial", type="pty")
    # virtlogd appends: it would make a file of its own 0600 and root's, and this one
    # was prepared for n-cpu to read.
    ElementTree.SubElement(device, "log", file=str(folder / "console.log"), append="on")
    return device


def disk(
    overlay: pathlib.Path, base: pathlib.Path, name: str = "vda"
) -> ElementTree.Element:
    """A disk, the root disk unless named otherwise, with all files that are behind it.

    Neither a file nor a format is left for libvirt or QEMU to find out from what a
    guest may have written.
    The copy of the image is read by many guests: it stays n-cpu's, where libvirt would
    make it the file of one.
    """
    device = _file("disk", "qcow2", overlay)
    backing = ElementTree.SubElement(device, "backingStore", type="file")
    ElementTree.SubElement(backing, "format", type="raw")
    source = ElementTree.SubElement(backing, "source", file=str(base))
    ElementTree.SubElement(source, "seclabel", model="dac", relabel="no")
    ElementTree.SubElement(backing, "backingStore")
    ElementTree.SubElement(device, "target", dev=name, bus="virtio")
    return device


def config_drive(iso: pathlib.Path) -> list[ElementTree.Element]:
    """A CD in a drive that every machine type has the same way."""
    controller = ElementTree.Element(
        "controller", type="scsi", index="0", model="virtio-scsi"
    )
    device = _file("cdrom", "raw", iso)
    ElementTree.SubElement(device, "target", dev="sda", bus="scsi")
    ElementTree.SubElement(device, "readonly")
    return [controller, device]


def interface(nic: Mapping[str, Any]) -> ElementTree.Element:
    """A NIC in a network of QEMU's own, of one guest and a DHCP server."""
    subnet = ipaddress.ip_network(nic["cidr"])
    device = ElementTree.Element("interface", type="user")
    ElementTree.SubElement(device, "mac", address=nic["mac"])
    ElementTree.SubElement(
        device,
        "ip",
        family="ipv4",
        address=str(subnet.network_address),
        prefix=str(subnet.prefixlen),
    )
    ElementTree.SubElement(device, "model", type="virtio")
    # Nothing is booted from the network, and the file is in a package of its own.
    ElementTree.SubElement(device, "rom", enabled="no")
    return device


def isolation(nics: int) -> list[ElementTree.Element]:
    """Keep guests in: QEMU's user mode would let them at the loopback of the host.

    There the gateway's address is the host's 127.0.0.1: n-api, RabbitMQ, the database.
    libvirt (9.0) has no word for QEMU's ``restrict=on``; ``-set`` adds it, but only to
    a ``-netdev`` that is written the old way, not in JSON.
    """
    commandline = ElementTree.Element(f"{{{_QEMU}}}commandline")
    for number in range(nics):
        for text in ("-set", f"netdev.hostnet{number}.restrict=on"):
            ElementTree.SubElement(commandline, f"{{{_QEMU}}}arg", value=text)
    capabilities = ElementTree.Element(f"{{{_QEMU}}}capabilities")
    ElementTree.SubElement(capabilities, f"{{{_QEMU}}}del", capability="netdev.json")
    return [commandline, capabilities]


def _file(device: str, kind: str, path: pathlib.Path) -> ElementTree.Element:
    element = ElementTree.Element("disk", type="file", device=device)
    ElementTree.SubElement(element, "driver", name="qemu", type=kind)
    ElementTree.SubElement(element, "source", file=str(path))
    return element
