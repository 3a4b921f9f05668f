# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Bad input gets the recorded answer, or that of Nova's rule.

It never causes a 500, and nothing is changed.
"""

from typing import Any

import pytest
import requests

from tests.cluster import Cluster
from tests.tick_image import TICK

MALFORMED = {"badRequest": {"code": 400, "message": "Malformed request body"}}
NOT_FOUND = {
    "itemNotFound": {"code": 404, "message": "The resource could not be found."}
}


@pytest.fixture(scope="module")
def server_id(cluster: Cluster) -> str:
    return cluster.create_server("the one nobody may change")


def _post(
    cluster: Cluster, path: str, body: bytes, **headers: str
) -> requests.Response:
    return requests.post(
        f"{cluster.url}/v2.1{path}",
        data=body,
        headers={"X-Auth-Token": "demo:demo", "Content-Type": "application/json"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
        timeout=30,
    )


@pytest.mark.parametrize(
    ("body", "code", "document"),
    [
        (b"{}", 400, MALFORMED),
        (b"", 400, MALFORMED),
        (b"pause", 400, MALFORMED),
        (b'{"pause": null', 400, MALFORMED),
        (b'{"pause": null, "unpause": null}', 400, MALFORMED),
        (b"[1, 2]", 400, MALFORMED),
        (b'""', 400, MALFORMED),
        (b"\xff\xfe\x00", 400, MALFORMED),
        (b'{"pause": "\xed\xa0\x80"}', 400, MALFORMED),
        ('{"pause": null}'.encode("utf-16"), 400, MALFORMED),
        (b'{"pause": "\\ud800"}', 400, MALFORMED),
        (b"[" * 100000, 400, MALFORMED),
        (b'{"pause": ' + b"9" * 5000 + b"}", 400, MALFORMED),
        (b'{"pause": ' + b"[" * 700 + b"]" * 700 + b"}", 400, MALFORMED),
        (b'{"pause": ' + b'{"a":' * 700 + b"1" + b"}" * 701, 400, MALFORMED),
        (b'{"pause": 1e999}', 400, MALFORMED),
        (b'{"pause": NaN}', 400, MALFORMED),
        (b"null", 404, NOT_FOUND),
        (b"7", 404, NOT_FOUND),
        (b"true", 404, NOT_FOUND),
        (b'["pause"]', 404, NOT_FOUND),
        (
            b'{"dance": null}',
            400,
            {"badRequest": {"code": 400, "message": "There is no such action: dance"}},
        ),
    ],
)
def test_a_body_that_is_not_an_action(
    cluster: Cluster, server_id: str, body: bytes, code: int, document: Any
) -> None:
    before = cluster.show(server_id)

    answer = _post(cluster, f"/servers/{server_id}/action", body)

    assert (answer.status_code, answer.json()) == (code, document)
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.headers["OpenStack-API-Version"] == "compute 2.1"
    assert answer.headers["x-openstack-request-id"].startswith("req-")
    assert cluster.show(server_id) == before


@pytest.mark.parametrize("value", [b"null", b'"x"', b"1", b'{"a": 1}', b"[]"])
def test_the_value_of_an_action_without_arguments_is_ignored(
    cluster: Cluster, value: bytes
) -> None:
    server_id = cluster.create_server()

    answer = _post(
        cluster, f"/servers/{server_id}/action", b'{"pause": ' + value + b"}"
    )

    assert (answer.status_code, answer.content) == (202, b"")
    cluster.wait_for(server_id, "PAUSED")


def test_a_body_in_chunks(cluster: Cluster, server_id: str) -> None:
    answer = requests.post(
        f"{cluster.url}/v2.1/servers/{server_id}/action",
        data=iter([b'{"pau', b'sed": null}']),
        headers={"X-Auth-Token": "demo", "Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 400
    assert "There is no such action: paused" in answer.text


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_above_the_limit(
    cluster: Cluster, server_id: str, *, chunked: bool
) -> None:
    body = b'{"pause": "' + b"x" * 114688 + b'"}'

    answer = requests.post(
        f"{cluster.url}/v2.1/servers/{server_id}/action",
        data=iter([body]) if chunked else body,
        headers={"X-Auth-Token": "demo", "Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 413
    assert answer.json() == {
        "overLimit": {
            "code": 413,
            "message": "Request is too large. Larger than 114688.",
        }
    }
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.headers["x-openstack-request-id"].startswith("req-")
    assert cluster.show(server_id)["status"] == "ACTIVE"


def test_a_body_at_the_limit(cluster: Cluster) -> None:
    server_id = cluster.create_server()
    frame = b'{"pause": ""}'
    body = b'{"pause": "' + b"x" * (114688 - len(frame)) + b'"}'
    assert len(body) == 114688

    assert _post(cluster, f"/servers/{server_id}/action", body).status_code == 202


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("application/json", 202),
        ("application/json; charset=utf-8", 202),
        ("application/vnd.openstack.compute+json", 202),
        ("text/plain", 202),
        ("application/x-www-form-urlencoded", 202),
        ("application/xml", 415),
        ("multipart/form-data", 415),
    ],
)
def test_media_types(cluster: Cluster, content_type: str, code: int) -> None:
    server_id = cluster.create_server()

    answer = _post(
        cluster,
        f"/servers/{server_id}/action",
        b'{"pause": null}',
        Content_Type=content_type,
    )

    assert answer.status_code == code
    if code == 415:
        assert answer.json() == {
            "badMediaType": {"code": 415, "message": "Unsupported Content-Type"}
        }


def _create(**values: Any) -> dict[str, Any]:
    return {"server": {"name": "x", "imageRef": TICK, "flavorRef": "42"} | values}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "None is not of type 'object'"),
        ([], "[] is not of type 'object'"),
        ({}, "'server' is a required property"),
        ({"server": []}, "Invalid input for field/attribute server. Value: []. "
         "[] is not of type 'object'"),
        (_create(name=7), "Invalid input for field/attribute name. Value: 7. "
         "7 is not of type 'string'"),
        (_create(name=""), "Invalid input for field/attribute name. Value: . "
         "'' should be non-empty"),
        (_create(name="a\u0007b"), "An invalid 'name' value was provided. The name "
         "must be: printable characters. Can not start or end with whitespace."),
        (_create(name="a\nb"), "An invalid 'name' value was provided. The name "
         "must be: printable characters. Can not start or end with whitespace."),
        (_create(name=" a"), "An invalid 'name' value was provided. The name "
         "must be: printable characters. Can not start or end with whitespace."),
        (_create(flavorRef="nope"), "Flavor nope could not be found."),
        (_create(imageRef="8cc68639-0000-4444-9999-b493b94f7f6e"),
         "Can not find requested image"),
        (_create(imageRef=""), "Missing imageRef attribute"),
        (_create(dance=1), "Invalid input for field/attribute server. Value: {'name': "
         f"'x', 'imageRef': '{TICK}', 'flavorRef': '42', 'dance': 1}}. "
         "Additional properties are not allowed ('dance' was unexpected)"),
        (_create(min_count=3, max_count=2), "min_count must be <= max_count"),
        (_create(max_count=10**9), "max_count must be <= 100"),
        (_create(min_count="0"), "Invalid input for field/attribute min_count. "
         "Value: 0. 0 is less than the minimum of 1"),
        (_create(max_count="9" * 256), "Invalid input for field/attribute max_count. "
         f"Value: {'9' * 256}. '{'9' * 256}' is too long"),
        (_create(adminPass=["s3cret"]), "Invalid input for field/attribute adminPass."),
        (_create(key_name="nobody"), "Invalid key_name provided."),
        (_create(availability_zone="mars"),
         "The requested availability zone is not available"),
        (_create(metadata={"k": 1}), "Invalid input for field/attribute k. Value: 1. "
         "1 is not of type 'string'"),
        (_create(networks=[{"uuid": "8cc68639-0000-4444-9999-b493b94f7f6e"}]),
         "Network 8cc68639-0000-4444-9999-b493b94f7f6e could not be found."),
    ],
)  # fmt: skip
def test_an_invalid_server(cluster: Cluster, body: Any, message: str) -> None:
    before = cluster.ask("GET", "/servers").json()
    raw = b"" if body is None else body

    answer = cluster.ask("POST", "/servers", raw)

    assert (answer.status_code, answer.json()) == (
        400,
        {"badRequest": {"code": 400, "message": message}},
    )
    assert cluster.ask("GET", "/servers").json() == before


@pytest.mark.parametrize(
    "name", ["x" * 255, "ünïcode", "日本語", "a<b>&\"'", "%s%n", "../../etc"]
)
def test_names_of_all_kinds_are_kept_unchanged(cluster: Cluster, name: str) -> None:
    server_id = cluster.create_server(name)

    assert cluster.show(server_id)["name"] == name


@pytest.mark.parametrize(
    "server", ["abc", "00000000-0000-0000-0000-0000deadbeef", "%00", "a" * 4000, "'--"]
)
def test_missing_servers(cluster: Cluster, server: str) -> None:
    for method, path in (
        ("GET", f"/servers/{server}"),
        ("DELETE", f"/servers/{server}"),
        ("GET", f"/servers/{server}/os-instance-actions"),
    ):
        answer = cluster.ask(method, path)
        assert answer.status_code == 404
        assert answer.json()["itemNotFound"]["code"] == 404
    answer = cluster.act(server, "pause")
    assert answer.status_code == 404


def test_another_projects_server_does_not_exist(
    cluster: Cluster, server_id: str
) -> None:
    text = f"Instance {server_id} could not be found."
    for method, path, body in (
        ("GET", f"/servers/{server_id}", None),
        ("DELETE", f"/servers/{server_id}", None),
        ("POST", f"/servers/{server_id}/action", {"pause": None}),
        ("GET", f"/servers/{server_id}/os-instance-actions", None),
    ):
        answer = cluster.ask(method, path, body, token="eve:other")
        assert answer.status_code == 404
        assert answer.json() == {"itemNotFound": {"code": 404, "message": text}}
    listed = cluster.ask("GET", "/servers", token="eve:other").json()
    assert listed == {"servers": []}
    listed = cluster.ask("GET", f"/servers?marker={server_id}", token="eve:other")
    assert listed.status_code == 400


def test_a_users_mistake_is_logged_without_a_traceback(
    cluster: Cluster, server_id: str
) -> None:
    answer = cluster.act(server_id, "unpause")

    assert answer.status_code == 409
    text = f"Cannot 'unpause' instance {server_id} while it is in vm_state active"
    assert answer.json() == {"conflictingRequest": {"code": 409, "message": text}}
    request_id = answer.headers["x-openstack-request-id"]
    lines = [line for line in cluster.api_log().splitlines() if request_id in line]
    assert f"INFO minova.api.openstack.wsgi [None {request_id} demo demo] " in lines[-3]
    assert lines[-3].endswith(f"HTTP exception thrown: {text}")
    assert f"Returning 409 to user: {text}" in lines[-2]
    assert "status: 409" in lines[-1]
    assert "Traceback" not in cluster.api_log()
