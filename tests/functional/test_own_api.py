# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/minova: every answer fits its schema, and Nova's access checks hold."""

import http.client
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from falcon import inspect as falcon_inspect
from jsonschema import Draft202012Validator

from minova.api.own_api import app
from tests.cluster import Cluster

KNOWN = {"name": "version"}
"""A value for each parameter of a path."""


def paths() -> list[str]:
    routes = falcon_inspect.inspect_routes(app.create_app())
    return sorted((app.PREFIX + route.path).rstrip("/") for route in routes)


def get(cluster: Cluster, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{cluster.url}{path}", headers=headers, timeout=30)


@pytest.mark.parametrize("path", paths())
def test_an_answer_fits_the_schema_that_it_names(cluster: Cluster, path: str) -> None:
    answer = get(cluster, path.format(**KNOWN))
    named = requests.get(answer.links["describedby"]["url"], timeout=30)

    assert (answer.status_code, named.status_code) == (200, 200)
    Draft202012Validator(named.json()).validate(answer.json())


def test_every_schema_is_valid_and_closed(cluster: Cluster) -> None:
    """An object that does not list its properties would fit any view."""
    listed = get(cluster, "/minova/v1/schemas").json()["schemas"]
    schemas = {
        each["name"]: requests.get(each["links"][0]["href"], timeout=30).json()
        for each in listed
    }

    assert list(schemas) == [shape.name for shape in app.SHAPES]
    for name, schema in schemas.items():
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
        if "$ref" not in schema:
            assert list(open_objects(schema)) == [], name


def open_objects(schema: Any) -> Iterator[Any]:
    """Yield the objects that allow more properties."""
    if isinstance(schema, list):
        for each in schema:
            yield from open_objects(each)
    elif isinstance(schema, dict):
        if schema.get("type") == "object" and schema.get("additionalProperties", True):
            yield schema
        yield from open_objects(list(schema.values()))


@pytest.mark.parametrize("path", ["/minova", "/minova/v1", "/minova/v1/schemas"])
@pytest.mark.parametrize(
    ("name", "value"), [("Origin", "http://evil.example"), ("Host", "evil.example")]
)
def test_a_web_page_is_kept_out(
    cluster: Cluster, path: str, name: str, value: str
) -> None:
    answer = get(cluster, path, **{name: value})

    assert answer.status_code == 403
    assert answer.json()["forbidden"]["code"] == 403


def test_a_body_that_is_too_long(cluster: Cluster) -> None:
    url = f"{cluster.url}/minova/v1/schemas"

    answer = requests.put(url, data=b" " * 200_000, timeout=30)

    assert answer.status_code == 413


def test_a_token_without_a_user(cluster: Cluster) -> None:
    answer = get(cluster, "/minova/v1/schemas", **{"X-Auth-Token": ":"})

    assert answer.status_code == 401
    assert answer.json()["unauthorized"]["code"] == 401


def test_it_is_logged_like_any_request(cluster: Cluster) -> None:
    answer = get(cluster, "/minova/v1/schemas", **{"X-Auth-Token": "ann:desk"})

    request_id = answer.headers["x-openstack-request-id"]
    (line,) = (
        line
        for line in cluster.api_log().splitlines()
        if request_id in line and '"GET /minova/v1/schemas" status: 200' in line
    )
    assert f"[None {request_id} desk ann]" in line


@pytest.mark.parametrize("target", ["minova/v1/schemas", "xminova/v1", "*"])
def test_a_target_that_is_not_a_path_is_not_routed_here(
    cluster: Cluster, target: str
) -> None:
    """Paths outside the API need no token, so they must not lead into it."""
    connection = http.client.HTTPConnection("127.0.0.1", cluster.port, timeout=30)
    connection.putrequest("GET", target)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()

    assert answer.status in {300, 400, 404}
    assert b'"schemas"' not in body
