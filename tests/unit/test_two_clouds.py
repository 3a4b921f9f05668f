# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Two clouds can run in one process, and leave nothing in it."""

import pathlib
import threading

from oslo_config import cfg

from minova import conf as options
from tests.real_servers import wait_until
from tests.unit import one_process
from tests.unit.one_process import Cloud


def test_two_clouds_side_by_side(
    migrated: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    before = set(threading.enumerate())
    with (
        one_process.running(tmp_path / "one", migrated) as one,
        one_process.running(tmp_path / "two", migrated) as two,
    ):
        servers = {
            cloud: cloud.create_server(cloud.folder.name) for cloud in (one, two)
        }
        for cloud, server_id in servers.items():
            assert cloud.act(server_id, "pause").status_code == 202
            cloud.wait_for(server_id, "PAUSED")

        for cloud, other in ((one, two), (two, one)):
            listed = cloud.ask("GET", "/servers").json["servers"]
            assert [server["name"] for server in listed] == [cloud.folder.name]
            assert cloud.ask("GET", f"/servers/{servers[other]}").status_code == 404
            hypervisors = cloud.ask("GET", "/os-hypervisors/detail", token="admin").json
            assert [node["running_vms"] for node in hypervisors["hypervisors"]] == [1]

    assert not list(tmp_path.glob("*/*-wal")), "a connection is left"
    wait_until(lambda: set(threading.enumerate()) <= before, 5, "no thread is left")
    # The libraries register their options there. minova's are not among them.
    assert not {"report_interval", "api", "compute", "libvirt", "quota"} & set(cfg.CONF)


def test_options_of_one_cloud_are_not_in_the_other() -> None:
    one, two = options.create(""), options.create("")

    one.set_override("driver", "fake", group="compute")
    one.register_opt(cfg.StrOpt("of_one"), group="glance")

    assert (one.compute.driver, two.compute.driver) == ("fake", "libvirt")
    assert "of_one" not in two.glance


def test_one_cloud_can_end_alone(cloud: Cloud, migrated: pathlib.Path) -> None:
    with one_process.running(cloud.folder / "other", migrated) as other:
        other.create_server()

    server_id = cloud.create_server()

    assert cloud.show(server_id)["OS-EXT-SRV-ATTR:host"] == "host-1"
