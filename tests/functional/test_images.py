# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Disk images that boot under QEMU, broken images, and images of a Glance."""

import hashlib
import pathlib
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests import boot_sector
from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import RabbitMQ, wait_until

_DISK = boot_sector.disk("here is the disk")


def _put(cluster: Cluster, content: bytes, disk_format: str = "raw") -> str:
    """Put a disk image into a cluster's directory and return its id."""
    image_id = str(uuid.uuid4())
    more = {
        "os_hash_algo": "sha512",
        "os_hash_value": hashlib.sha512(content).hexdigest(),
    }
    folder = cluster.folder / "images"
    boot_sector.put_image(folder, image_id, content, disk_format, **more)
    return image_id


def _console(cluster: Cluster, server_id: str, **asked: int) -> str:
    body: dict[str, Any] = {"os-getConsoleOutput": asked}
    answer = cluster.ask("POST", f"/servers/{server_id}/action", body)
    assert answer.status_code == 200, answer.text
    output: str = answer.json()["output"]
    return output


def _says(cluster: Cluster, server_id: str, text: str, times: int = 1) -> None:
    wait_until(
        lambda: _console(cluster, server_id).count(text) >= times, 30, f"it says {text}"
    )


class TestRealGuests:
    """One cluster for all of these tests, which leave nothing behind."""

    def test_disks(
        self, qemu_cluster: Cluster, libvirt: PrivateLibvirt, tmp_path: pathlib.Path
    ) -> None:
        """A qcow2 image boots, again after a stop and after a rebuild.

        A bad one fails.
        """
        cluster = qemu_cluster
        cluster.start_host()
        cluster.start_api()
        good = _put(cluster, boot_sector.to_qcow2(_DISK, tmp_path), "qcow2")

        one = cluster.create_server(imageRef=good)
        _says(cluster, one, "here is the disk", 3)
        lines = _console(cluster, one).count("\n")
        assert _console(cluster, one, length=-1).count("\n") >= lines
        assert _console(cluster, one, length=3).count("\n") == 2

        # libvirt stops and starts it; its overlay is unchanged.
        libvirt.virsh("destroy", one)
        libvirt.virsh("start", one)
        seen = _console(cluster, one).count("here is the disk")
        _says(cluster, one, "here is the disk", seen + 2)

        broken = bytearray(boot_sector.to_qcow2(_DISK, tmp_path))
        first_table = int.from_bytes(broken[40:48], "big")
        broken[first_table : first_table + 8] = b"\xff" * 8
        two = self._refused_by_the_host(cluster, _put(cluster, bytes(broken), "qcow2"))
        assert cluster.ask("DELETE", f"/servers/{two}").status_code == 204

        assert cluster.ask("DELETE", f"/servers/{one}").status_code == 204
        folder = cluster.folder / "instances"
        wait_until(
            lambda: [path.name for path in folder.iterdir()] == ["_base"],
            20,
            "nothing of them is left",
        )
        self._network(cluster, libvirt)

    def _refused_by_the_host(self, cluster: Cluster, image_id: str) -> str:
        server = {"name": "two", "imageRef": image_id, "flavorRef": "42"}
        answer = cluster.ask("POST", "/servers", {"server": server})
        assert answer.status_code == 202, answer.text
        server_id: str = answer.json()["server"]["id"]
        cluster.wait_for(server_id, "ERROR")
        message = cluster.show(server_id)["fault"]["message"]
        assert message.startswith(
            f"Build of instance {server_id} aborted: Image {image_id} is unacceptable: "
        )
        assert str(cluster.folder) not in message
        return server_id

    def _network(self, cluster: Cluster, libvirt: PrivateLibvirt) -> None:
        """The guest has its own subnet and no route out of it."""
        server_id = cluster.create_server()

        found = libvirt.virsh(
            "qemu-monitor-command", server_id, "--hmp", "info network"
        )
        libvirt.virsh("destroy", server_id)

        assert "macaddr=fa:16:3e:00:00:03" in found
        assert "net=10.0.3.0,restrict=on" in found


@pytest.mark.parametrize(
    ("content", "disk_format", "message"),
    [
        (b"", "raw", "the disk is empty"),
        (_DISK, "qcow2", "the file is not a qcow2 image"),
    ],
)
def test_known_errors_are_a_400(
    glance: Cluster, content: bytes, disk_format: str, message: str
) -> None:
    image_id = _put(glance, content, disk_format)
    server = {"name": "x", "imageRef": image_id, "flavorRef": "42"}

    answer = glance.ask("POST", "/servers", {"server": server})

    assert answer.status_code == 400
    assert answer.json()["badRequest"]["message"] == (
        f"Image {image_id} is unacceptable: {message}"
    )


@pytest.fixture(scope="module")
def glance(
    rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A minova whose image API stands for a Glance."""
    folder = tmp_path_factory.mktemp("glance")
    own = Cluster(folder, rabbitmq.new_vhost(), f"sqlite:///{folder}/minova.sqlite")
    own.migrate()
    own.start_api()
    yield own
    own.stop()


def test_images_of_a_glance(own_cluster: Cluster, glance: Cluster) -> None:
    """n-cpu downloads the image. Without Glance, n-api accepts no build."""
    image_id = _put(glance, _DISK)
    own_cluster.extra = f"[glance]\nendpoint = {glance.url}/image\ntimeout = 2\n"
    own_cluster.start_host()
    own_cluster.start_api()

    shown = own_cluster.ask("GET", f"/images/{image_id}")
    assert shown.json()["image"]["name"] == f"disk-{image_id[:8]}"
    server_id = own_cluster.create_server(imageRef=image_id)

    (cached,) = (own_cluster.folder / "images-cache").iterdir()
    assert cached.read_bytes() == _DISK
    assert (own_cluster.folder / "instances" / server_id / "disk").exists()
    # Its own image directory is neither read nor served.
    own = own_cluster.session.get(f"{own_cluster.url}/image/v2/images", timeout=10)
    assert own.status_code == 404

    glance.stop_api()
    began = time.monotonic()
    server = {"name": "two", "imageRef": image_id, "flavorRef": "42"}
    refused = own_cluster.ask("POST", "/servers", {"server": server})
    assert refused.status_code == 503
    assert refused.json()["serviceUnavailable"]["message"].startswith(
        f"Connection to glance host 127.0.0.1:{glance.port} failed: "
    )
    assert time.monotonic() - began < 5
    servers = own_cluster.ask("GET", "/servers").json()["servers"]
    assert [server["id"] for server in servers] == [server_id]
