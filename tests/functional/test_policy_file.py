# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules that an operator changes apply where Nova applies them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import cluster as clusters
from tests import real_servers
from tests.cluster import Cluster
from tests.tick_image import TICK

API = "os_compute_api:"
NETWORK = {"uuid": "11111111-2222-3333-4444-555555555555"}
ITSELF = {
    "boot_index": 0,
    "source_type": "image",
    "destination_type": "local",
    "uuid": TICK,
}
BLANK = {"source_type": "blank", "destination_type": "volume", "volume_size": 1}


@pytest.fixture(scope="module")
def ruled(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("ruled")
    connection = f"sqlite:///{folder}/minova.sqlite"
    with clusters.running(folder, rabbitmq.new_vhost(), connection) as running:
        yield running


def change(cluster: Cluster, check: str, *rules: str) -> None:
    """Write policy.yaml. n-api reads it at the next request."""
    file = cluster.folder / "etc" / "api" / "policy.yaml"
    file.write_text("".join(f'"{API}{rule}": "{check}"\n' for rule in rules))


def refused(rule: str) -> tuple[int, str]:
    return 403, f"Policy doesn't allow {API}{rule} to be performed."


def ask(
    cluster: Cluster, method: str, path: str, body: Any = None, version: str = "2.90"
) -> tuple[int, str]:
    """Return the status, and the message of a refusal."""
    answer = cluster.ask(method, path, body, version=version)
    if answer.ok:
        return answer.status_code, ""
    (fault,) = answer.json().values()
    return answer.status_code, fault["message"]


def create(cluster: Cluster, version: str = "2.90", **more: Any) -> tuple[int, str]:
    server = {"name": "ruled", "imageRef": TICK, "flavorRef": "42"} | more
    return ask(cluster, "POST", "/servers", {"server": server}, version)


def test_networks_of_a_new_server(ruled: Cluster) -> None:
    rule = "servers:create:attach_network"
    change(ruled, "!", rule)

    assert create(ruled, networks="auto") == refused(rule)
    assert create(ruled, networks=[NETWORK], flavorRef="none") == refused(rule)
    assert create(ruled, networks="none") == (202, "")
    assert create(ruled, networks=[]) == (202, "")
    assert create(ruled, "2.36") == (202, "")


def test_disks_of_a_new_server(ruled: Cluster) -> None:
    rule = "servers:create:attach_volume"
    change(ruled, "!", rule, "servers:create:attach_network")
    legacy = [{"volume_id": TICK, "device_name": "vda"}]

    for disks in ([ITSELF], [ITSELF, BLANK]):
        assert create(ruled, networks="auto", block_device_mapping_v2=disks) == (
            refused(rule)
        )
    assert create(ruled, networks="auto", block_device_mapping=legacy) == refused(rule)
    assert create(ruled, networks="none", block_device_mapping_v2=[]) == (202, "")
    status, _why = create(ruled, networks="none", block_device_mapping_v2=[{}])
    assert status == 400


def test_addresses(ruled: Cluster) -> None:
    path = f"/servers/{ruled.create_server()}/ips"

    change(ruled, "!", "ips:index")
    assert ask(ruled, "GET", path) == refused("ips:index")
    assert ask(ruled, "GET", f"{path}/private") == (200, "")
    change(ruled, "!", "ips:show")
    assert ask(ruled, "GET", path) == (200, "")
    assert ask(ruled, "GET", f"{path}/no such") == refused("ips:show")


def test_a_member_injects_network_info(ruled: Cluster) -> None:
    server_id = ruled.create_server()
    path = f"/servers/{server_id}/action"
    action = {"injectNetworkInfo": {"what": "ever"}}
    rule = "os-admin-actions:inject_network_info"
    assert ask(ruled, "POST", path, action) == refused(rule)

    change(ruled, "rule:project_member_or_admin", rule)
    assert ask(ruled, "POST", path, action) == (202, "")
    ruled.ask("POST", path, {"lock": None})
    locked = f"Instance {server_id} is locked"
    assert ask(ruled, "POST", path, action) == (409, locked)


@pytest.mark.parametrize(
    ("rule", "action"),
    [
        ("os-suspend-server:suspend", {"suspend": None}),
        ("os-suspend-server:resume", {"resume": None}),
        ("servers:stop", {"os-stop": None}),
        ("servers:start", {"os-start": None}),
        ("servers:reboot", {"reboot": {"type": "SOFT"}}),
        ("servers:reboot", {"reboot": {"type": "HARD"}}),
        ("os-rescue", {"rescue": None}),
        ("os-unrescue", {"unrescue": None}),
        ("servers:rebuild", {"rebuild": {"imageRef": TICK}}),
    ],
)
def test_an_action_that_is_forbidden(
    ruled: Cluster, rule: str, action: dict[str, Any]
) -> None:
    """Policy comes after the body and the server, before the lock and the state."""
    server_id = ruled.create_server()
    path = f"/servers/{server_id}/action"
    ruled.ask("POST", path, {"lock": None})
    change(ruled, "!", rule)

    assert ask(ruled, "POST", path, action) == refused(rule)
    status, _why = ask(ruled, "POST", "/servers/no-such-server/action", action)
    assert status == 404
    status, _why = ask(ruled, "POST", path, action | {"another": None})
    assert status == 400
