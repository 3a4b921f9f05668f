# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Two clusters for clients: one with Keystone and one without."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import keystone_server, real_servers
from tests.clients.running import run_client
from tests.cluster import Cluster

PROGRAMS = pathlib.Path(__file__).parent / "programs"
CLIENT_VENV = pathlib.Path(
    os.environ.get("CLIENT_VENV", pathlib.Path(sys.prefix).parent / "client-venv")
)

MORE_CLIENTS_VENV = pathlib.Path(
    os.environ.get("MORE_CLIENTS_VENV", CLIENT_VENV.parent / "more-clients-venv")
)
"""Ansible and libcloud are installed only by ``run_tests.sh --all``."""


class Cloud:
    """All that a client must know about a cluster.

    Attributes:
        cluster: the daemons.
        auth_url: the URL of Keystone, or None.
        environment: the variables that clients read, and a HOME with a clouds.yaml. Its
            only cloud is ``minova``, the admin.
    """

    def __init__(self, cluster: Cluster, auth_url: str | None) -> None:
        self.cluster = cluster
        self.auth_url = auth_url
        file = cluster.folder / "home/.config/openstack/clouds.yaml"
        file.parent.mkdir(parents=True)
        self.environment = {
            "HOME": str(cluster.folder / "home"),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
        }
        if auth_url is None:
            file.write_text(_without_keystone(cluster.url))
            return
        file.write_text(_with_keystone(auth_url))
        self.environment |= {
            "OS_AUTH_URL": auth_url,
            "OS_USERNAME": "admin",
            "OS_PASSWORD": "of-admin",
            "OS_PROJECT_NAME": "admin",
            "OS_REGION_NAME": "RegionOne",
        }

    def run(
        self, *command: str | pathlib.Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return run_client(command, self.environment | environment)


def _with_keystone(auth_url: str) -> str:
    return (
        "clouds:\n  minova:\n    region_name: RegionOne\n"
        f"    auth:\n      auth_url: {auth_url}\n      username: admin\n"
        "      password: of-admin\n      project_name: admin\n"
        "      user_domain_id: default\n      project_domain_id: default\n"
        '    identity_api_version: "3"\n    floating_ip_source: "None"\n'
    )


def _without_keystone(url: str) -> str:
    """Write clouds.yaml as stack.sh does, with each service that a client requires."""
    services = {
        "compute": f"{url}/v2.1",
        "identity": f"{url}/v2.1",
        "block_storage": f"{url}/v2.1",
        "image": f"{url}/image",
    }
    return (
        "clouds:\n  minova:\n    auth_type: none\n    has_network: false\n"
        + "".join(f"    {k}_endpoint_override: {v}\n" for k, v in services.items())
        + '    identity_api_version: "3"\n    block_storage_api_version: "3"\n'
        '    floating_ip_source: "None"\n'
    )


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[real_servers.RabbitMQ]:
    with real_servers.rabbitmq() as broker:
        yield broker


@pytest.fixture(scope="session")
def with_keystone(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    cluster = _cluster(rabbitmq, tmp_path_factory.mktemp("with"))
    with keystone_server.keystone() as keystone:
        keystone.make_accounts(f"{cluster.url}/v2.1", f"{cluster.url}/image")
        cluster.extra = keystone.options()
        yield from _running(Cloud(cluster, keystone.url))


@pytest.fixture(scope="session")
def without_keystone(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    yield from _running(
        Cloud(_cluster(rabbitmq, tmp_path_factory.mktemp("without")), None)
    )


def _cluster(rabbitmq: real_servers.RabbitMQ, folder: pathlib.Path) -> Cluster:
    return Cluster(folder, rabbitmq.new_vhost(), f"sqlite:///{folder}/minova.sqlite")


def _running(cloud: Cloud) -> Iterator[Cloud]:
    cloud.cluster.migrate()
    try:
        cloud.cluster.start_host()
        cloud.cluster.start_api()
        yield cloud
    finally:
        cloud.cluster.stop()


@pytest.fixture(params=["with_keystone", "without_keystone"])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    """Run each test with one cloud after the other."""
    found: Cloud = request.getfixturevalue(request.param)
    return found
