# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The domain XML: names are only texts, and every file has its format."""

import dataclasses
import pathlib
from typing import Any
from xml.etree import ElementTree

import pytest

from minova.objects import network
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.libvirt import xml
from tests.unit.conftest import NewServer

_QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"


def _domain(server: Instance, image: Image, **values: Any) -> ElementTree.Element:
    arguments: dict[str, Any] = {
        "name": server.name,
        "deployment_id": "d",
        "virt_type": "qemu",
        "arch": "x86_64",
        "folder": pathlib.Path("/f"),
    }
    return ElementTree.fromstring(xml.domain(server, image, **(arguments | values)))


def _attributes(root: ElementTree.Element, path: str) -> dict[str, str]:
    found = root.find(path)
    assert found is not None, path
    return found.attrib


@pytest.fixture
def server(new_server: NewServer) -> Instance:
    return new_server()


@pytest.fixture
def disk_image(image: Image) -> Image:
    return dataclasses.replace(
        image,
        kernel=None,
        ramdisk=None,
        cmdline="",
        disk=pathlib.Path("/i/d"),
        disk_format="qcow2",
    )


def test_a_name_with_markup_stays_a_name(server: Instance, image: Image) -> None:
    evil = "</name><devices><emulator>/bin/sh</emulator></devices>&\"'"
    named = dataclasses.replace(server, display_name=evil, project_id=evil)

    root = _domain(named, image)

    assert root.findtext(f".//{{{xml.NAMESPACE}}}name") == evil
    assert root.find(".//emulator") is None
    assert root.findtext("name") == server.name


def test_a_kernel(server: Instance, image: Image) -> None:
    root = _domain(server, image)

    assert root.findtext("os/kernel") == "/f/kernel"
    assert root.findtext("os/initrd") == "/f/ramdisk"
    assert root.findtext("os/cmdline") == "quiet"
    assert root.find("devices/disk") is None
    assert root.find("devices/interface") is None
    assert root.find(f"{_QEMU}commandline") is None


def test_a_disk(server: Instance, disk_image: Image) -> None:
    root = _domain(server, disk_image, base=pathlib.Path("/b/base"))

    assert root.find("os/kernel") is None
    assert _attributes(root, "os/boot") == {"dev": "hd"}
    assert _attributes(root, "devices/disk/driver")["type"] == "qcow2"
    assert _attributes(root, "devices/disk/source")["file"] == "/f/disk"
    backing = "devices/disk/backingStore"
    assert _attributes(root, f"{backing}/format")["type"] == "raw"
    assert _attributes(root, f"{backing}/source")["file"] == "/b/base"
    assert _attributes(root, f"{backing}/source/seclabel")["relabel"] == "no"
    # The base has no backing file itself, whatever it contains.
    assert _attributes(root, f"{backing}/backingStore") == {}


def test_a_config_drive(server: Instance, image: Image) -> None:
    secret = dataclasses.replace(server, config_drive=True, admin_password="S3cret")

    root = _domain(secret, image)

    assert _attributes(root, "devices/disk")["device"] == "cdrom"
    assert _attributes(root, "devices/disk/source")["file"] == "/f/disk.config"
    assert "S3cret" not in ElementTree.tostring(root, encoding="unicode")


class TestRescues:
    """A separate folder, the server's disk as the second disk, and a mark."""

    @staticmethod
    def _disks(root: ElementTree.Element) -> dict[str | None, str | None]:
        return {
            _attributes(disk, "target")["dev"]: _attributes(disk, "source")["file"]
            for disk in root.iterfind("devices/disk")
        }

    def test_from_a_disk(self, server: Instance, disk_image: Image) -> None:
        with_all = dataclasses.replace(
            server, config_drive=True, network_info=[network.nic(1)]
        )
        rescue = xml.Rescue(own_base=pathlib.Path("/b/own"))

        root = _domain(
            with_all, disk_image, base=pathlib.Path("/b/rescue"), rescue=rescue
        )

        assert self._disks(root) == {
            "vda": "/f/disk.rescue",
            "vdb": "/f/disk",
            "sda": "/f/disk.config.rescue",
        }
        backing = root.findall("devices/disk/backingStore/source")
        assert [one.get("file") for one in backing] == ["/b/rescue", "/b/own"]
        assert _attributes(root, "devices/interface/mac")["address"] == (
            "fa:16:3e:00:00:01"
        )
        assert _attributes(root, "devices/serial/log")["file"] == "/f/console.log"

    def test_from_a_kernel(self, server: Instance, image: Image) -> None:
        with_disk = xml.Rescue(own_base=pathlib.Path("/b/own"))
        root = _domain(server, image, rescue=with_disk)
        without = _domain(server, image, rescue=xml.Rescue(own_base=None))

        assert root.findtext("os/kernel") == "/f/kernel.rescue"
        assert root.findtext("os/initrd") == "/f/ramdisk.rescue"
        assert self._disks(root) == {"vdb": "/f/disk"}
        assert self._disks(without) == {}

    def test_the_mark_can_be_read_back(self, server: Instance, image: Image) -> None:
        for rescue in (None, xml.Rescue(own_base=None)):
            root = _domain(server, image, rescue=rescue)
            mine = root.find(f"metadata/{{{xml.NAMESPACE}}}instance")
            assert mine is not None
            element = ElementTree.tostring(mine, encoding="unicode")
            assert xml.is_of_rescue(element) is (rescue is not None)
            assert xml.metadata_deployment(element) == "d"


def test_a_new_name_changes_nothing_else(server: Instance, image: Image) -> None:
    evil = dataclasses.replace(server, display_name="<name>x</name>", network_info=[])
    before = _domain(evil, image)

    after = ElementTree.fromstring(
        xml.renamed(ElementTree.tostring(before, encoding="unicode"), "other")
    )

    assert after.findtext("name") == "other"
    name = before.find("name")
    assert name is not None
    name.text = "other"
    assert ElementTree.tostring(after) == ElementTree.tostring(before)


@pytest.mark.parametrize("virt_type", ["qemu", "kvm", "test"])
def test_a_nic_isolates_its_guest(
    server: Instance, image: Image, virt_type: str
) -> None:
    with_nic = dataclasses.replace(server, network_info=[network.nic(258)])

    root = _domain(with_nic, image, virt_type=virt_type)

    nic = "devices/interface"
    assert _attributes(root, nic) == {"type": "user"}
    assert _attributes(root, f"{nic}/mac")["address"] == "fa:16:3e:00:01:02"
    assert _attributes(root, f"{nic}/ip") == {
        "family": "ipv4",
        "address": "10.1.2.0",
        "prefix": "24",
    }
    arguments = [arg.get("value") for arg in root.iter(f"{_QEMU}arg")]
    assert arguments == (
        [] if virt_type == "test" else ["-set", "netdev.hostnet0.restrict=on"]
    )


def test_arm64(server: Instance, image: Image, disk_image: Image) -> None:
    """No PC devices and no APIC; a disk needs firmware to boot.

    Without firmware libvirt refuses ACPI. QEMU's default CPU has 32 bits.
    """
    full = dataclasses.replace(server, config_drive=True, network_info=[network.nic(1)])

    kernel = _domain(full, image, arch="aarch64")
    disk = _domain(full, disk_image, arch="aarch64", base=pathlib.Path("/b/base"))

    assert _attributes(kernel, "os/type") == {"arch": "aarch64", "machine": "virt"}
    assert _attributes(kernel, "os") == {}
    assert _attributes(disk, "os") == {"firmware": "efi"}
    assert str(disk.findtext("os/nvram")).endswith("/nvram")
    assert kernel.find("features/acpi") is None
    assert disk.find("features/acpi") is not None
    for root in (kernel, disk):
        assert root.findtext("cpu/model") == "cortex-a57"
        assert root.find("features/apic") is None
        assert root.find("devices/controller[@type='usb']") is None
        buses = {target.get("bus") for target in root.iterfind("devices/disk/target")}
        assert buses <= {"scsi", "virtio"}
        assert _attributes(root, "devices/interface/model") == {"type": "virtio"}
