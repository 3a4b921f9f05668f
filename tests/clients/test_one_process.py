# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A server's life by each client against ``minova up``.

docs/clients.md has the results.
"""

import datetime
import pathlib
from collections.abc import Iterator

import pytest

from tests.clients import terraform
from tests.clients.conftest import CLIENT_VENV, MORE_CLIENTS_VENV, PROGRAMS
from tests.clients.one_process import OneProcess
from tests.clients.test_commands import NOVA, OPENSTACK, all_succeed
from tests.clients.test_gophercloud import acceptance, build
from tests.e2e.test_clients import ROUNDS, SEEN
from tests.tick_image import TICK
from tests.unit.cmd.local_cloud import up

LIFE = """
server create --image minova-tick --flavor m1.nano --nic none --wait one
server pause one
server delete --wait one
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ"


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with up("--identity", "keystone") as running:
        yield OneProcess(running, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def noauth2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with up() as running:
        yield OneProcess(running, tmp_path_factory.mktemp("home"))


@pytest.fixture(
    params=["keystone", pytest.param("noauth2", marks=pytest.mark.campaign)]
)
def cloud(request: pytest.FixtureRequest) -> OneProcess:
    """Run each test with one cloud after the other."""
    found: OneProcess = request.getfixturevalue(request.param)
    return found


def test_a_round_by_openstacksdk(cloud: OneProcess) -> None:
    _round(cloud, "sdk_proxy")


@pytest.mark.campaign
@pytest.mark.parametrize("name", [name for name in SEEN if name != "sdk_proxy"])
def test_another_round(cloud: OneProcess, name: str) -> None:
    """By openstacksdk's other layer, and by python-novaclient."""
    _round(cloud, name)


def _round(cloud: OneProcess, name: str) -> None:
    done = cloud.run(
        CLIENT_VENV / "bin/python", ROUNDS / f"{name}.py", OS_CLOUD="minova-demo"
    )

    assert done.returncode == 0, done.stdout
    assert done.stdout.split() == [*SEEN[name], "console", "gone"]


def test_a_life_by_openstack(cloud: OneProcess) -> None:
    all_succeed(cloud, "openstack", LIFE, OS_CLOUD="minova-demo")


@pytest.mark.campaign
def test_all_commands_of_openstack(cloud: OneProcess) -> None:
    all_succeed(cloud, "openstack", OPENSTACK, OS_CLOUD="minova")


@pytest.mark.campaign
def test_all_commands_of_nova(keystone: OneProcess) -> None:
    domains = {"OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default"}
    all_succeed(keystone, "nova", NOVA, **domains)


def test_a_life_by_the_requests_of_terraform(keystone: OneProcess) -> None:
    compute, images = (
        keystone.adapter("minova-demo", service) for service in ("compute", "image")
    )
    player = terraform.Player(
        compute, images, image=TICK, flavor="42", larger="1", public_key=KEY
    )
    player.play(terraform.CREATE)
    for requests in terraform.UPDATES.values():
        player.play(requests)
        player.play(terraform.READ)

    read, _again, _flavor, shown_image, tags = player.play(terraform.READ)

    server = read["server"]
    assert (server["name"], server["metadata"]) == ("renamed", {"colour": "red"})
    assert (server["flavor"]["id"], server["image"]["id"]) == ("1", TICK)
    assert (server["key_name"], server["status"]) == ("tf", "ACTIVE")
    assert server["OS-EXT-AZ:availability_zone"] == "nova"
    assert datetime.datetime.fromisoformat(server["created"]).tzinfo
    assert (shown_image["name"], tags) == ("minova-tick", {"tags": ["a", "b"]})
    player.play(terraform.DESTROY)


@pytest.mark.campaign
def test_libcloud(cloud: OneProcess) -> None:
    who = (
        (cloud.auth_url, "admin", "minova")
        if cloud.auth_url
        else (cloud.url, "demo:demo")
    )
    done = cloud.run(
        MORE_CLIENTS_VENV / "bin/python",
        PROGRAMS / "libcloud_round.py",
        *who,
        OS_IMAGE_ID=TICK,
    )

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "ok its end"


@pytest.mark.campaign
def test_ansible(cloud: OneProcess) -> None:
    done = cloud.run(
        MORE_CLIENTS_VENV / "bin/ansible-playbook",
        *("--inventory", "localhost,", "--connection", "local"),
        *("--extra-vars", f"ansible_python_interpreter={MORE_CLIENTS_VENV}/bin/python"),
        *("--extra-vars", f"has_keystone={cloud.auth_url is not None}"),
        PROGRAMS / "playbook.yml",
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.campaign
def test_fog_openstack(keystone: OneProcess) -> None:
    done = keystone.run("ruby", PROGRAMS / "fog.rb")

    failed = [line for line in done.stdout.splitlines() if not line.startswith("ok ")]
    assert (done.returncode, failed) == (0, [])


@pytest.mark.campaign
def test_gophercloud(keystone: OneProcess, tmp_path: pathlib.Path) -> None:
    """Run its acceptance tests of Compute, as against a cluster."""
    failed, passed, printed = acceptance(keystone, build(tmp_path))

    # The tests must see REBUILD, which the fake driver leaves after milliseconds.
    assert set(failed) <= {"TestServersActionRebuild"}, printed[-4000:]
    assert passed >= 40
