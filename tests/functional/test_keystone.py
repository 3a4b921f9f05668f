# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""auth_strategy = keystone, against a real Keystone."""

import json
import pathlib
import re
from collections.abc import Iterator

import pytest
import requests

from minova.client import finding
from minova.client.cloud import Refused
from tests import keystone_server, real_servers
from tests.cluster import Cluster
from tests.keystone_server import Keystone
from tests.tick_image import TICK

REQUEST_ID = r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
GLOBAL = "req-11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def keystone() -> Iterator[Keystone]:
    with keystone_server.keystone() as server:
        yield server


@pytest.fixture(scope="module")
def guarded(
    keystone: Keystone,
    rabbitmq: real_servers.RabbitMQ,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    """A cluster that checks tokens with Keystone."""
    folder = tmp_path_factory.mktemp("keystone")
    cluster = Cluster(folder, rabbitmq.new_vhost(), f"sqlite:///{folder}/minova.sqlite")
    keystone.make_accounts(f"{cluster.url}/v2.1")
    cluster.extra = keystone.options()
    cluster.migrate()
    try:
        cluster.start_host()
        cluster.start_api()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def member(keystone: Keystone) -> str:
    return keystone.token("demo")


@pytest.fixture(scope="module")
def reader(keystone: Keystone) -> str:
    return keystone.token("demo_reader")


@pytest.fixture(scope="module")
def admin(keystone: Keystone) -> str:
    return keystone.token("admin", "admin")


@pytest.fixture(scope="module")
def server_id(guarded: Cluster, member: str, admin: str) -> str:
    body = {"server": {"name": "one", "imageRef": TICK, "flavorRef": "42"}}
    answer = guarded.ask("POST", "/servers", body, token=member)
    assert answer.status_code == 202, answer.text
    made: str = answer.json()["server"]["id"]

    def is_active() -> bool:
        shown = guarded.ask("GET", f"/servers/{made}", token=admin).json()["server"]
        return bool(shown["status"] == "ACTIVE")

    real_servers.wait_until(is_active, 20, "it is ACTIVE")
    return made


@pytest.mark.parametrize("token", ["nonsense", "gAAAAABnonsense", None])
@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
def test_a_missing_or_wrong_token(
    guarded: Cluster, keystone: Keystone, token: str | None, accept: str | None
) -> None:
    answer = requests.post(
        f"{guarded.url}/v2.1/servers/{GLOBAL[4:]}/action",
        json={"pause": None},
        headers={"X-Auth-Token": token, "Accept": accept},
        timeout=30,
    )

    assert answer.status_code == 401
    assert answer.text == (
        '{"error": {"code": 401, "title": "Unauthorized", "message": '
        '"The request you have made requires authentication."}}'
    )
    assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{keystone.url}"'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == "114"
    for name in ("x-openstack-request-id", "x-compute-request-id"):
        assert re.fullmatch(REQUEST_ID, answer.headers[name])
    assert "OpenStack-API-Version" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/v2.1", "/v2.1/", "/minova", "/minova/v1"])
@pytest.mark.parametrize("token", [None, "nonsense"])
def test_versions_are_public(guarded: Cluster, path: str, token: str | None) -> None:
    headers = {} if token is None else {"X-Auth-Token": token}

    answer = requests.get(guarded.url + path, headers=headers, timeout=30)

    assert answer.status_code == 200
    assert answer.json().keys() <= {"version", "versions"}


def test_versions_with_a_token(guarded: Cluster, member: str) -> None:
    assert guarded.ask("GET", "", token=member).status_code == 200


def test_the_healthcheck_needs_no_token(guarded: Cluster) -> None:
    assert requests.get(f"{guarded.url}/healthcheck", timeout=30).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "//v2.1/servers",
        "/v2.1//",
        "/v2.1/servers/../",
        "/v2.1/x/",
        "/minova/v1/schemas",
        "/minova/v1//",
    ],
)
def test_everything_else_needs_a_token(guarded: Cluster, path: str) -> None:
    request = requests.Request("GET", guarded.url).prepare()
    request.url = guarded.url + path

    assert requests.Session().send(request, timeout=30).status_code == 401


def test_the_caller_is_who_keystone_says(
    guarded: Cluster, server_id: str, member: str
) -> None:
    shown = guarded.ask("GET", f"/servers/{server_id}", token=member).json()["server"]

    assert re.fullmatch(r"[0-9a-f]{32}", shown["user_id"])
    assert re.fullmatch(r"[0-9a-f]{32}", shown["tenant_id"])
    assert re.search(
        r"\[None req-\S+ demo demo\] .*GET /v2.1/servers/", guarded.api_log()
    )
    assert re.search(
        r"\[None req-\S+ demo demo\]", guarded.log_of("host-1").read_text()
    )


def test_another_project_does_not_find_the_server(
    guarded: Cluster, keystone: Keystone, server_id: str
) -> None:
    stranger = keystone.token("minova", "service")

    seen = guarded.ask("GET", f"/servers/{server_id}", token=stranger)
    paused = guarded.ask(
        "POST", f"/servers/{server_id}/action", {"pause": None}, token=stranger
    )

    text = f"Instance {server_id} could not be found."
    for answer in (seen, paused):
        assert answer.status_code == 404
        assert answer.json() == {"itemNotFound": {"code": 404, "message": text}}


def test_a_reader_sees_servers_but_cannot_pause(
    guarded: Cluster, server_id: str, reader: str
) -> None:
    seen = guarded.ask("GET", f"/servers/{server_id}", token=reader)
    paused = guarded.ask(
        "POST", f"/servers/{server_id}/action", {"pause": None}, token=reader
    )

    rule = "os_compute_api:os-pause-server:pause"
    assert seen.status_code == 200
    assert paused.status_code == 403
    assert paused.json() == {
        "forbidden": {
            "code": 403,
            "message": f"Policy doesn't allow {rule} to be performed.",
        }
    }


def test_a_member_is_not_an_admin(guarded: Cluster, member: str, admin: str) -> None:
    assert guarded.ask("GET", "/os-services", token=member).status_code == 403
    assert guarded.ask("GET", "/os-services", token=admin).status_code == 200


def test_services_that_are_not_in_the_catalog(
    guarded: Cluster, server_id: str, member: str
) -> None:
    body = {"addSecurityGroup": {"name": "web"}}
    answer = guarded.ask("POST", f"/servers/{server_id}/action", body, token=member)

    assert answer.status_code == 500
    assert answer.json()["computeFault"]["message"].endswith(
        "\n<class 'keystoneauth1.exceptions.catalog.EndpointNotFound'>"
    )


def test_who_may_see_aggregates(guarded: Cluster, member: str, admin: str) -> None:
    for path in ("/os-aggregates", "/os-hosts", "/os-migrations"):
        assert guarded.ask("GET", path, token=member).status_code == 403
        assert guarded.ask("GET", path, token=admin).status_code == 200


def test_roles_are_not_taken_from_the_request(guarded: Cluster, member: str) -> None:
    answer = requests.get(
        f"{guarded.url}/v2.1/os-services",
        headers={
            "X-Auth-Token": member,
            "X-Roles": "admin",
            "X-Identity-Status": "Confirmed",
        },
        timeout=30,
    )

    assert answer.status_code == 403


def test_a_token_without_a_project(guarded: Cluster, keystone: Keystone) -> None:
    answer = guarded.ask("GET", "/servers", token=keystone.token("admin", None))

    assert answer.status_code == 403
    assert answer.json()["forbidden"]["message"] == (
        "The token must be scoped to a project."
    )


@pytest.mark.parametrize(
    ("sent", "logged"), [(GLOBAL, GLOBAL), ("req-x", "None"), ("1; DROP", "None")]
)
def test_the_global_request_id(
    guarded: Cluster, member: str, sent: str, logged: str
) -> None:
    answer = requests.get(
        f"{guarded.url}/v2.1/flavors",
        headers={"X-Auth-Token": member, "X-OpenStack-Request-ID": sent},
        timeout=30,
    )

    request_id = answer.headers["x-openstack-request-id"]
    assert f"[{logged} {request_id} demo demo]" in guarded.api_log()


def test_keystone_is_asked_once_for_a_token(
    guarded: Cluster, keystone: Keystone
) -> None:
    token = keystone.token("demo")
    for _ in range(20):
        guarded.ask("GET", "/flavors", token=token)
    before = keystone.log().count("GET http")
    for _ in range(20):
        assert guarded.ask("GET", "/flavors", token=token).status_code == 200

    assert keystone.log().count("GET http") == before


def test_no_token_is_logged(guarded: Cluster, member: str, server_id: str) -> None:
    for log in guarded.logs.glob("*/*.log"):
        assert member not in log.read_text()


def test_keystone_is_away(guarded: Cluster, keystone: Keystone) -> None:
    """Known tokens still work. New ones get a 503 and not a 401."""
    known, fresh = keystone.token("demo"), keystone.token("admin", "demo")
    for _ in range(20):
        guarded.ask("GET", "/flavors", token=known)
    keystone.stop()
    try:
        assert guarded.ask("GET", "/flavors", token=known).status_code == 200
        assert guarded.ask("GET", "/flavors", token=fresh).status_code == 503
    finally:
        keystone.start()
    assert guarded.ask("GET", "/flavors", token=fresh).status_code == 200


def test_a_command_finds_the_cloud_in_the_catalog(
    guarded: Cluster, keystone: Keystone, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"username": "admin", "password": "of-admin", "project_name": "admin"}
    said |= {"user_domain_id": "default", "project_domain_id": "default"}
    said |= {"auth_url": keystone.url}
    monkeypatch.setenv("HOME", "/nonexistent")
    for name, value in said.items():
        monkeypatch.setenv(f"OS_{name.upper()}", value)
    by_variables = finding.find(None, None)

    assert by_variables.url == guarded.url
    assert by_variables.compute("GET", "/os-services")["services"]

    monkeypatch.setenv("OS_PASSWORD", "wrong")
    with pytest.raises(Refused, match="The request you have made requires authenti"):
        finding.find(None, None).compute("GET", "/servers")


def test_a_command_finds_the_cloud_of_a_file(
    guarded: Cluster,
    keystone: Keystone,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
) -> None:
    auth = {"auth_url": keystone.url, "username": "demo", "password": "of-demo"}
    auth |= {"project_name": "demo", "user_domain_id": "default"}
    auth |= {"project_domain_id": "default"}
    file = tmp_path / "clouds.yaml"
    file.write_text(json.dumps({"clouds": {"mine": {"auth": auth}}}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    cloud = finding.find(None, "mine")

    assert cloud.compute("GET", "/servers")["servers"] is not None
    with pytest.raises(Refused, match="Policy doesn't allow"):
        cloud.compute("GET", "/os-services")
    assert cloud.url == guarded.url
