# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""auth_strategy = http_basic."""

import pathlib
import re
from collections.abc import Iterator

import bcrypt
import pytest
import requests

from tests import real_servers
from tests.cluster import Cluster

GLOBAL = "req-11111111-2222-3333-4444-555555555555"


def _line(user: str) -> str:
    digest = bcrypt.hashpw(f"of-{user}".encode(), bcrypt.gensalt(4))
    return f"{user}:{digest.decode()}\n"


@pytest.fixture(scope="module")
def guarded(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """An n-api with the users admin and demo. Authentication needs no host."""
    folder: pathlib.Path = tmp_path_factory.mktemp("basic")
    cluster = Cluster(folder, rabbitmq.new_vhost(), f"sqlite:///{folder}/minova.sqlite")
    (folder / "htpasswd").write_text(_line("admin") + _line("demo"))
    cluster.extra = (
        "[api]\nauth_strategy = http_basic\n"
        f"[oslo_middleware]\nhttp_basic_auth_user_file = {folder}/htpasswd\n"
    )
    cluster.migrate()
    try:
        cluster.start_api()
        yield cluster
    finally:
        cluster.stop()


def ask(
    cluster: Cluster, path: str, user: str | None = "demo", **headers: str
) -> requests.Response:
    auth = None if user is None else (user, f"of-{user}")
    return requests.get(f"{cluster.url}{path}", auth=auth, headers=headers, timeout=30)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/", 200),
        ("/v2.1", 200),
        ("/v2.1/", 200),
        ("/v2", 200),
        ("/healthcheck", 200),
        ("/healthcheck/", 200),
        ("/image/", 300),
        ("/minova", 200),
        ("/minova/", 200),
        ("/minova/v1", 200),
        ("/minova/v1/", 200),
        ("/minovas", 300),
        ("/v3/servers", 300),
        ("/v2.1/servers", 401),
        ("//v2.1/servers", 401),
        ("/v2.1//", 401),
        ("/v2.1/nonsense", 401),
        ("/v2/servers", 401),
        ("/image/v2/images", 401),
        ("//image/v2/images", 401),
        ("/minova/v1/schemas", 401),
        ("/minova/v1//", 401),
        ("//minova/v1/schemas", 401),
        ("/minova/nonsense", 401),
    ],
)
def test_unknown_users_see_the_versions_only(
    guarded: Cluster, path: str, code: int
) -> None:
    """The versions only. No path of a route answers, however it is written."""
    answer = ask(guarded, path, None, Accept="application/json")

    assert answer.status_code == code, answer.text


def test_a_user_has_a_project_of_the_same_name(guarded: Cluster) -> None:
    assert ask(guarded, "/v2.1/demo/servers").status_code == 200
    assert ask(guarded, "/v2.1/admin/servers").status_code == 400


def test_the_user_admin_is_the_admin(guarded: Cluster) -> None:
    assert ask(guarded, "/v2.1/os-services", "admin").status_code == 200
    assert ask(guarded, "/v2.1/os-services", "demo").status_code == 403


def test_headers_do_not_change_the_user(guarded: Cluster) -> None:
    forged = {"X-User": "admin", "X-Roles": "admin", "X-Auth-Token": "admin"}

    assert ask(guarded, "/v2.1/os-services", "demo", **forged).status_code == 403
    assert ask(guarded, "/v2.1/os-services", None, **forged).status_code == 401


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "Basic",
        "Basic !",
        "Bearer x",
        "Basic YWRtaW46d3Jvbmc=",  # admin:wrong
        "Basic bm9ib2R5Ong=",  # nobody:x
        "Basic YWRtaW4=",  # admin
        "Basic /////w==",
        # admin:xxx… is longer than bcrypt accepts
        "Basic YWRtaW46" + "eHh4" * 40,
    ],
)
def test_a_missing_or_wrong_password(guarded: Cluster, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent}

    answer = requests.get(f"{guarded.url}/v2.1/servers", headers=headers, timeout=30)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="minova"'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error"]["code"] == 401
    assert "x-openstack-request-id" in answer.headers
    assert "x-compute-request-id" in answer.headers


@pytest.mark.parametrize("path", ["/", "/v2.1", "/v2.1/", "/healthcheck"])
def test_versions_and_health_are_for_everybody(guarded: Cluster, path: str) -> None:
    assert ask(guarded, path, None).status_code == 200


def test_a_page_cannot_use_the_browsers_credentials(guarded: Cluster) -> None:
    foreign = ask(guarded, "/v2.1/servers", Origin="http://evil.example")

    assert foreign.status_code == 403
    assert ask(guarded, "/v2.1/servers", Host="minova.example").status_code == 200


@pytest.mark.parametrize(("sent", "logged"), [(GLOBAL, GLOBAL), ("req-x", "None")])
def test_the_global_request_id(guarded: Cluster, sent: str, logged: str) -> None:
    answer = ask(guarded, "/v2.1/flavors", **{"X-OpenStack-Request-ID": sent})

    request_id = answer.headers["x-openstack-request-id"]
    assert f"[{logged} {request_id} demo demo]" in guarded.api_log()


def test_no_password_is_logged(guarded: Cluster) -> None:
    assert not re.search(r"of-demo|of-admin", guarded.api_log())
