# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Flavor and image → domain XML.  An XML library writes it and escapes all names."""

import dataclasses
import pathlib
import re
from typing import Final
from xml.etree import ElementTree

from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.libvirt import devices

NAMESPACE: Final = "https://minova.dev/xmlns/libvirt/instance/1.0"
PREFIX: Final = "minova"
# libvirt's name of the machine type for each architecture.
_MACHINE: Final = {"x86_64": "pc", "aarch64": "virt"}

# Characters that XML 1.0 cannot contain, escaped or not.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

RESCUE: Final = ".rescue"
"""Nova's suffix for the files of a rescue."""

ElementTree.register_namespace(PREFIX, NAMESPACE)


@dataclasses.dataclass(frozen=True, slots=True)
class Rescue:
    """The guest's own disk, which is attached to the rescue system too.

    Attributes:
        own_base: the file under the guest's own disk; None without a disk.
    """

    own_base: pathlib.Path | None


def domain(
    instance: Instance,
    image: Image,
    *,
    name: str,
    deployment_id: str,
    virt_type: str,
    arch: str,
    folder: pathlib.Path,
    base: pathlib.Path | None = None,
    rescue: Rescue | None = None,
) -> str:
    """Describe a guest that boots an image and has a serial console.

    Args:
        name: the name that ``virsh list`` shows.
        virt_type: ``kvm``, ``qemu`` or ``test``.
        arch: the host's, as libvirt names it (``x86_64``); libvirt's test driver knows
            only ``i686``.
        folder: has ``console.log`` and, if needed, ``kernel``, ``ramdisk``, ``disk``
            and ``disk.config``.
        base: the file under ``disk``; None without a disk.
        rescue: given if the guest boots a rescue image.  Then all files except the
            console and the guest's own disk have ``RESCUE`` after their names.
    """
    root = ElementTree.Element("domain", type=virt_type)
    _text(root, "name", name)
    _text(root, "uuid", instance.uuid)
    root.append(_metadata(instance, deployment_id, rescue))
    _text(root, "memory", str(instance.flavor.memory_mb), unit="MiB")
    _text(root, "vcpu", str(instance.flavor.vcpus))
    root.append(_os(image, arch, folder, "" if rescue is None else RESCUE))
    features = ElementTree.SubElement(root, "features")
    if arch != "aarch64" or _needs_firmware(image, arch):
        ElementTree.SubElement(features, "acpi")
    if arch == "x86_64":
        ElementTree.SubElement(features, "apic")
    if virt_type == "kvm":
        ElementTree.SubElement(root, "cpu", mode="host-passthrough")
    elif arch == "aarch64":
        # QEMU's default CPU for this machine (7.2) has 32 bits.
        cpu = ElementTree.SubElement(root, "cpu", mode="custom", match="exact")
        _text(cpu, "model", "cortex-a57")
    ElementTree.SubElement(root, "clock", offset="utc")
    _text(root, "on_poweroff", "destroy")
    _text(root, "on_reboot", "restart")
    _text(root, "on_crash", "destroy")
    root.append(_devices(instance, arch, folder, base, rescue))
    nics = len(instance.network_info or ())
    if nics and virt_type != "test":
        root.extend(devices.isolation(nics))
    return ElementTree.tostring(root, encoding="unicode")


def metadata_deployment(element: str) -> str | None:
    """Read the id of a domain's deployment from its metadata element.

    libvirt (9.0) returns this element without its namespace.
    """
    # minova wrote this element, and libvirt validated it.
    return ElementTree.fromstring(element).findtext("{*}deployment")  # noqa: S314


def is_of_rescue(element: str) -> bool:
    """Read from the same element whether the guest runs a rescue image."""
    mine = ElementTree.fromstring(element)  # noqa: S314 - as above
    return mine.find("{*}rescue") is not None


def renamed(description: str, name: str) -> str:
    # libvirt or ``domain`` wrote this XML.
    root = ElementTree.fromstring(description)  # noqa: S314
    element = root.find("name")
    assert element is not None
    element.text = name
    return ElementTree.tostring(root, encoding="unicode")


def resized(description: str, flavor: Flavor) -> str:
    root = ElementTree.fromstring(description)  # noqa: S314 - as above
    # libvirt added ``currentMemory``.  Without it, the guest gets all its memory.
    if (current := root.find("currentMemory")) is not None:
        root.remove(current)
    for path, text in (
        ("memory", str(flavor.memory_mb)),
        ("vcpu", str(flavor.vcpus)),
        (f"metadata/{{{NAMESPACE}}}instance/{{{NAMESPACE}}}flavor", flavor.name),
    ):
        element = root.find(path)
        assert element is not None
        element.text = _NO_XML.sub("\ufffd", text)
    memory = root.find("memory")
    assert memory is not None
    memory.set("unit", "MiB")
    return ElementTree.tostring(root, encoding="unicode")


def _metadata(
    instance: Instance, deployment_id: str, rescue: Rescue | None
) -> ElementTree.Element:
    metadata = ElementTree.Element("metadata")
    mine = ElementTree.SubElement(metadata, f"{{{NAMESPACE}}}instance")
    for tag, text in (
        ("deployment", deployment_id),
        ("name", instance.display_name),
        ("project", instance.project_id),
        ("flavor", instance.flavor.name),
        ("image", instance.image_ref),
    ):
        ElementTree.SubElement(mine, f"{{{NAMESPACE}}}{tag}").text = (
            # A token of noauth2 may name a project with any characters.
            _NO_XML.sub("\ufffd", text or "")
        )
    if rescue is not None:
        ElementTree.SubElement(mine, f"{{{NAMESPACE}}}rescue")
    return metadata


def _os(
    image: Image, arch: str, folder: pathlib.Path, suffix: str
) -> ElementTree.Element:
    os = ElementTree.Element("os")
    machine = _MACHINE.get(arch)
    _text(os, "type", "hvm", arch=arch, **({"machine": machine} if machine else {}))
    if _needs_firmware(image, arch):
        os.set("firmware", "efi")
        # UEFI's variables.  libvirt's default file would stay at the next define.
        _text(os, "nvram", str(folder / f"nvram{suffix}"))
    if image.kernel is not None:
        _text(os, "kernel", str(folder / f"kernel{suffix}"))
        if image.ramdisk is not None:
            _text(os, "initrd", str(folder / f"ramdisk{suffix}"))
        _text(os, "cmdline", image.cmdline)
    else:
        ElementTree.SubElement(os, "boot", dev="hd")
    return os


def _needs_firmware(image: Image, arch: str) -> bool:
    """Whether a guest boots with UEFI: arm64 needs it to boot a disk, and for ACPI."""
    return arch == "aarch64" and image.kernel is None


def _devices(
    instance: Instance,
    arch: str,
    folder: pathlib.Path,
    base: pathlib.Path | None,
    rescue: Rescue | None,
) -> ElementTree.Element:
    suffix = "" if rescue is None else RESCUE
    parent = ElementTree.Element("devices")
    parent.append(devices.serial(folder))
    if arch == "x86_64":
        # libvirt would add a USB controller, which costs memory and boot time.
        ElementTree.SubElement(
            parent, "controller", type="usb", index="0", model="none"
        )
    if base is not None:
        parent.append(devices.disk(folder / f"disk{suffix}", base))
    if rescue is not None and rescue.own_base is not None:
        parent.append(devices.disk(folder / "disk", rescue.own_base, "vdb"))
    if instance.config_drive:
        parent.extend(devices.config_drive(folder / f"disk.config{suffix}"))
    parent.extend(devices.interface(nic) for nic in instance.network_info or ())
    ElementTree.SubElement(parent, "memballoon", model="none")
    return parent


def _text(parent: ElementTree.Element, tag: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = text
