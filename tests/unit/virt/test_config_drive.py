# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The config drive of a guest, read back from the ISO."""

import dataclasses
import io
import json
import pathlib
import stat
from typing import Any

import pycdlib
import pytest

from minova.objects import network
from minova.objects.instance import Instance
from minova.virt import config_drive
from tests.unit.conftest import NewServer


@pytest.fixture
def server(new_server: NewServer) -> Instance:
    return dataclasses.replace(
        new_server(),
        display_name='the "first" ☃',
        hostname="the-first",
        metadata={"role": "db"},
        key_name="mine",
        key_data="ssh-ed25519 AAAA me",
        user_data="IyEvYmluL3NoCg==",
        admin_password="S3cret",
        network_info=[network.nic(258)],
    )


def _read(iso: pycdlib.PyCdlib, path: str, **names: str) -> bytes:
    content = io.BytesIO()
    iso.get_file_from_iso_fp(content, **(names or {"rr_path": path}))
    return content.getvalue()


def test_the_drive_is_read_back(tmp_path: pathlib.Path, server: Instance) -> None:
    path = tmp_path / "disk.config"
    config_drive.write(path, config_drive.files(server))

    iso = pycdlib.PyCdlib()
    iso.open(str(path))
    assert iso.pvd.volume_identifier.rstrip() == b"config-2"
    meta_data = _read(iso, "/openstack/latest/meta_data.json")
    # Linux reads one kind of names, Windows the other.
    joliet = "/openstack/latest/meta_data.json"
    assert _read(iso, "", joliet_path=joliet) == meta_data
    assert _read(iso, "/openstack/2012-08-10/user_data") == b"#!/bin/sh\n"
    assert json.loads(_read(iso, "/openstack/latest/vendor_data.json")) == {}
    vendor_data = json.loads(_read(iso, "/openstack/latest/vendor_data2.json"))
    assert vendor_data == {"static": {}}
    iso.close()
    # It contains a password.
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    found: dict[str, Any] = json.loads(meta_data)
    assert len(found.pop("random_seed")) > 512
    assert found == {
        "uuid": server.uuid,
        "name": 'the "first" ☃',
        "hostname": "the-first.novalocal",
        "launch_index": 0,
        "availability_zone": "nova",
        "project_id": "demo",
        "meta": {"role": "db"},
        "admin_pass": "S3cret",
        "keys": [{"name": "mine", "type": "ssh", "data": "ssh-ed25519 AAAA me"}],
        "public_keys": {"mine": "ssh-ed25519 AAAA me"},
        "devices": [],
        "dedicated_cpus": [],
    }


def test_each_version_has_the_files_of_its_time(server: Instance) -> None:
    files = config_drive.files(server)

    def of(version: str) -> set[str]:
        head = f"openstack/{version}/"
        return {path.removeprefix(head) for path in files if path.startswith(head)}

    assert of("2012-08-10") == {"meta_data.json", "user_data"}
    assert of("2015-10-15") == of("2012-08-10") | {
        "vendor_data.json",
        "network_data.json",
    }
    assert of("latest") == of("2025-04-04") == of("2015-10-15") | {"vendor_data2.json"}


def test_each_version_has_the_keys_of_its_time(server: Instance) -> None:
    files = config_drive.files(server)

    def of(version: str) -> set[str]:
        return set(json.loads(files[f"openstack/{version}/meta_data.json"]))

    first = {"uuid", "name", "hostname", "launch_index", "availability_zone", "meta"}
    first |= {"admin_pass", "keys", "public_keys"}
    assert of("2012-08-10") == first
    assert of("2013-04-04") == of("2013-10-17") == first | {"random_seed"}
    assert of("2015-10-15") == of("2013-10-17") | {"project_id"}
    assert of("2016-06-30") == of("2018-08-27") == of("2015-10-15") | {"devices"}
    assert of("2020-10-14") == of("2018-08-27") | {"dedicated_cpus"}
    assert of("latest") == of("2025-04-04") == of("2020-10-14")


def test_the_network_is_the_servers(server: Instance) -> None:
    data = json.loads(config_drive.files(server)["openstack/latest/network_data.json"])

    assert data["links"][0]["ethernet_mac_address"] == "fa:16:3e:00:01:02"
    assert data["networks"][0]["type"] == "ipv4_dhcp"
    assert data["networks"][0]["link"] == data["links"][0]["id"]


def test_nothing_is_invented(server: Instance) -> None:
    bare = dataclasses.replace(
        server,
        metadata={},
        key_name=None,
        user_data=None,
        admin_password=None,
        network_info=[],
    )

    files = config_drive.files(bare)

    meta_data = json.loads(files["openstack/latest/meta_data.json"])
    assert not {"meta", "admin_pass", "keys", "public_keys"} & set(meta_data)
    assert "openstack/latest/user_data" not in files
    network_data = json.loads(files["openstack/latest/network_data.json"])
    assert network_data == {"links": [], "networks": [], "services": []}


def test_the_password_is_in_no_text_of_the_server(server: Instance) -> None:
    assert "S3cret" not in repr(server)
