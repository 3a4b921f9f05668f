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
    # Append to the prepared file, which n-cpu can read: virtlogd's own would be root's.
    ElementTree.SubElement(device, "log", file=str(folder / "console.log"), append="on")
    return device


def disk(
    overlay: pathlib.Path, base: pathlib.Path, name: str = "vda"
) -> ElementTree.Element:
    """Describe a disk, by default the root disk, with its whole chain of files.

    Every file and format is named, so nothing is guessed from what a guest has written.
    libvirt must not change the owner of the image's copy: many guests read it.
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
    """Describe a CD, in a drive that works the same on every machine type."""
    controller = ElementTree.Element(
        "controller", type="scsi", index="0", model="virtio-scsi"
    )
    device = _file("cdrom", "raw", iso)
    ElementTree.SubElement(device, "target", dev="sda", bus="scsi")
    ElementTree.SubElement(device, "readonly")
    return [controller, device]


def interface(nic: Mapping[str, Any]) -> ElementTree.Element:
    """Describe a NIC in a network of QEMU with only this guest and a DHCP server."""
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
    # Guests do not boot from the network, and the ROM's file is in a separate package.
    ElementTree.SubElement(device, "rom", enabled="no")
    return device


def isolation(nics: int) -> list[ElementTree.Element]:
    """Keep guests away from the loopback of the host (ADR 16).

    In QEMU's user-mode network, the gateway's address leads to the host's 127.0.0.1:
    to n-api, RabbitMQ and the database.  libvirt (9.0) has no setting for QEMU's
    ``restrict=on``.  ``-set`` adds it, but not to a ``-netdev`` written in JSON.
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
