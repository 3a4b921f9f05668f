# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hostile names in libvirt's domains, in paths and on config drives."""

import base64
import dataclasses
import io
import json
import pathlib
from collections.abc import Iterator
from xml.etree import ElementTree

import pycdlib
import pytest

from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt import config_drive
from minova.virt.libvirt import xml
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.host import Host
from tests.functional.virt.conftest import NODE

EVIL = [
    "</minova:name></minova:instance></metadata><devices><emulator>/bin/sh",
    "<![CDATA[x]]><!-- & -- ><!DOCTYPE d SYSTEM 'file:///etc/passwd'>&xxe;",
    """'"]]>&amp;&#10;&#0;""",
    "../../../etc/cron.d/x",
    "$(touch pwned); `touch pwned` | touch pwned",
    "a\nb\r\nc\u2028d\u2029e\u0085f",
    "nul \x00 and \x01\x1b[31m and \ufffe\uffff\ud800",
]


@pytest.fixture
def host(tmp_path: pathlib.Path) -> Iterator[Host]:
    node = tmp_path / "node.xml"
    node.write_text(NODE)
    host = Host(f"test://{node}", "host-1", "mine")
    yield host
    host.close()


@pytest.fixture
def driver(host: Host, tmp_path: pathlib.Path) -> LibvirtDriver:
    return LibvirtDriver(host, tmp_path / "instances", "mine", "test")


def named(server: Instance, evil: str) -> Instance:
    """Give everything that a user or an admin can name this name."""
    return dataclasses.replace(
        server,
        display_name=evil,
        project_id=evil,
        user_id=evil,
        flavor=Flavor(
            flavorid=evil,
            name=evil,
            memory_mb=128,
            vcpus=1,
            root_gb=1,
            extra_specs={evil: evil},
        ),
        metadata={evil: evil},
        key_name=evil,
        key_data=evil,
        hostname=evil,
        availability_zone=evil,
        user_data=base64.b64encode(evil.encode(errors="surrogatepass")).decode(),
        admin_password=evil,
        config_drive=True,
    )


def stored(host: Host, server: Instance) -> ElementTree.Element:
    """Return the domain as libvirt has it."""
    description = host.connection.lookupByUUIDString(server.uuid).XMLDesc()
    return ElementTree.fromstring(description)


def skeleton(root: ElementTree.Element) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every element with its attributes, without text."""
    return [
        (element.tag, sorted(element.attrib.items()))
        for element in root.iter()
        if element.tag != "domain"  # its attribute is a running number
    ]


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_domains_differ_only_in_texts(
    driver: LibvirtDriver,
    host: Host,
    server: Instance,
    image: Image,
    tmp_path: pathlib.Path,
    evil: str,
) -> None:
    plain = named(server, "plain")
    driver.spawn(plain, image)
    wanted = skeleton(stored(host, plain))
    files = sorted(tmp_path.rglob("*"))

    driver.spawn(named(server, evil), image)

    domain = stored(host, server)
    assert skeleton(domain) == wanted
    # Another domain already has the name.
    assert domain.findtext("name") == f"{server.name}-{server.uuid[:8]}"
    told = domain.findtext(f".//{{{xml.NAMESPACE}}}name")
    if evil.isprintable():
        assert told == evil
    assert sorted(tmp_path.rglob("*")) == files
    assert not list(pathlib.Path.cwd().glob("pwned*"))
    driver.destroy(server)
    assert list((tmp_path / "instances").iterdir()) == []


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_a_config_drive_holds_the_name_as_json(
    server: Instance, tmp_path: pathlib.Path, evil: str
) -> None:
    path = tmp_path / config_drive.NAME
    hostile = named(server, evil)
    config_drive.write(path, config_drive.files(hostile))

    iso = pycdlib.PyCdlib()
    iso.open(str(path))
    latest = "/openstack/latest"
    names = {
        child.rock_ridge.name().decode()
        for child in iso.list_children(rr_path=latest)
        if child is not None and child.rock_ridge is not None
    }
    meta_data = json.loads(_read(iso, f"{latest}/meta_data.json"))
    user_data = _read(iso, f"{latest}/user_data")
    iso.close()

    assert {name for name in names if name.strip(".")} == {
        *("meta_data.json", "user_data", "network_data.json"),
        *("vendor_data.json", "vendor_data2.json"),
    }
    assert meta_data["name"] == meta_data["admin_pass"] == evil
    assert meta_data["meta"] == meta_data["public_keys"] == {evil: evil}
    assert user_data == evil.encode(errors="surrogatepass")


def _read(iso: pycdlib.PyCdlib, path: str) -> bytes:
    content = io.BytesIO()
    iso.get_file_from_iso_fp(content, rr_path=path)
    return content.getvalue()
