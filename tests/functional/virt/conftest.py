# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A server and an image that are in no database and no image folder."""

import datetime
import pathlib
from collections.abc import Iterator

import pytest

from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.host import Host
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState

# These tests use libvirt's constants, but no libvirtd.
from tests.unit.conftest import db, manager, migrated, new_server, sql  # noqa: F401

NODE = """
<node>
  <cpu><mhz>2000</mhz><model>i686</model><active>4</active></cpu>
  <memory>4194304</memory>
  <domain type='test'>
    <name>instance-00000001</name>
    <uuid>11111111-2222-3333-4444-555555555555</uuid>
    <memory>131072</memory>
    <os><type>hvm</type></os>
  </domain>
</node>
"""
_NOW = datetime.datetime(2026, 11, 22)


@pytest.fixture
def image(tmp_path: pathlib.Path) -> Image:
    for name in ("kernel", "ramdisk"):
        (tmp_path / name).touch()
    return Image(
        id="8cc68639-c302-441d-9aab-b493b94f7f6e",
        name="minova-tick",
        size=0,
        min_ram=64,
        min_disk=0,
        created_at=_NOW,
        updated_at=_NOW,
        kernel=tmp_path / "kernel",
        ramdisk=tmp_path / "ramdisk",
        cmdline="quiet",
        properties={},
    )


@pytest.fixture
def server() -> Instance:
    return Instance(
        id=1,
        uuid="b6d56a74-8f35-47f8-b44d-eb9dbd56c3cf",
        display_name='<one> & "only"',
        hostname="one",
        user_id="demo",
        project_id="demo",
        reservation_id="r-1",
        image_ref="8cc68639-c302-441d-9aab-b493b94f7f6e",
        flavor=Flavor(flavorid="42", name="nano", memory_mb=128, vcpus=1, root_gb=1),
        metadata={},
        host="host-1",
        availability_zone="nova",
        vm_state=VMState.BUILDING,
        task_state=None,
        power_state=PowerState.NOSTATE,
        claim_request_id=None,
        claim_started_at=None,
        locked=False,
        key_name=None,
        user_data=None,
        config_drive=False,
        disk_config="MANUAL",
        access_ip_v4=None,
        access_ip_v6=None,
        created_at=_NOW,
        updated_at=None,
        launched_at=None,
        terminated_at=None,
    )


@pytest.fixture
def impatient(tmp_path: pathlib.Path) -> Iterator[LibvirtDriver]:
    """A driver over libvirt's mock that waits half a second for a call."""
    node = tmp_path / "node.xml"
    node.write_text(NODE)
    host = Host(f"test://{node}", "host-1", "mine")
    yield LibvirtDriver(host, tmp_path / "instances", "mine", "test", 0.5)
    host.close()
