# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Nova's image proxy in front of a Glance with images in every state."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from falcon import testing
from keystoneauth1 import session

from minova.api.front.request import CONTEXT
from minova.api.image_api import app as image_app
from minova.db.api import Database
from minova.images import ImageDirectory
from minova.images.glance import Glance
from tests.unit.api.conftest import client_of
from tests.unit.conftest import context
from tests.unit.test_glance import Server

_SERVER_ID = "5f8ac7f1-7d0b-4d4b-8f2e-0a2f5f1d2c3b"


def _image(number: int, **more: Any) -> dict[str, Any]:
    time = f"2026-11-22T20:00:0{number}Z"
    return {
        "id": f"{number:08}-0000-4000-8000-000000000000",
        "name": f"i{number}",
        "status": "active",
        "min_ram": 0,
        "min_disk": 0,
        "disk_format": "raw",
        "created_at": time,
        "updated_at": time,
    } | more


_IMAGES = [
    _image(0, architecture="x86_64", os_type="linux"),
    _image(1, status="queued", min_ram=512),
    _image(2, status="saving", min_disk=4, auto_disk_config="True"),
    _image(3, status="killed", auto_disk_config="no"),
    _image(4, status="pending_delete"),
    _image(5, status="importing"),
    _image(6, image_type="snapshot", instance_uuid=_SERVER_ID),
]


@pytest.fixture
def client(db: Database, tmp_path: pathlib.Path) -> Iterator[testing.TestClient]:
    server = Server(image_app.create_app(ImageDirectory(tmp_path)))
    server.answer = ("200 OK", json.dumps({"images": _IMAGES}).encode())
    yield client_of(db, Glance(server.url, session.Session(timeout=20)))
    server.stop()


def _ask(client: testing.TestClient, query: str) -> Any:
    answer = client.simulate_get(
        "/v2.1/images/detail", query_string=query, extras={CONTEXT: context()}
    )
    return answer.json


def _names(client: testing.TestClient, query: str) -> list[str]:
    return [image["name"] for image in _ask(client, query)["images"]]


def test_glances_words_are_translated_into_novas(client: testing.TestClient) -> None:
    """The newest image comes first."""
    images = _ask(client, "")["images"]

    assert [(image["status"], image["progress"]) for image in images] == [
        ("ACTIVE", 100),
        ("UNKNOWN", 0),
        ("DELETED", 0),
        ("ERROR", 0),
        ("SAVING", 50),
        ("SAVING", 25),
        ("ACTIVE", 100),
    ]


def test_the_server_and_its_disk(client: testing.TestClient) -> None:
    images = {image["name"]: image for image in _ask(client, "")["images"]}

    server = images["i6"]["server"]
    assert server["id"] == _SERVER_ID
    assert [
        (link["rel"], link["href"].partition("falconframework.org")[2])
        for link in server["links"]
    ] == [
        ("self", f"/v2.1/servers/{_SERVER_ID}"),
        ("bookmark", f"/servers/{_SERVER_ID}"),
    ]
    assert images["i2"]["OS-DCF:diskConfig"] == "AUTO"
    assert images["i3"]["OS-DCF:diskConfig"] == "MANUAL"
    assert not {"server", "OS-DCF:diskConfig"} & set(images["i0"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=i3", ["i3"]),
        ("status=ACTIVE", ["i6", "i0"]),
        # By Glance's value, as in Nova.
        ("status=SAVING", ["i2"]),
        ("status=Queued", ["i1"]),
        ("changes-since=2026-11-22T21:00:05%2B01:00", ["i6", "i5"]),
        (f"server={_SERVER_ID}", ["i6"]),
        (f"server=http://minova/v2.1/servers/{_SERVER_ID}", ["i6"]),
        ("type=snapshot", ["i6"]),
        ("minRam=512", ["i1"]),
        ("minRam=511", []),
        ("minDisk=4", ["i2"]),
        ("property-architecture=x86_64", ["i0"]),
        ("property-architecture=arm", []),
        ("property-os_type=linux", ["i0"]),
        ("name=i3&status=active", []),
        ("colour=blue&limit=1", ["i6"]),
        ("page_size=1&offset=3&limit=2", ["i6", "i5"]),
    ],
)
def test_a_filter(client: testing.TestClient, query: str, names: list[str]) -> None:
    assert _names(client, query) == names


def test_a_page_keeps_its_filter(client: testing.TestClient) -> None:
    """The page's marker need not pass the filter."""
    first = _ask(client, "property-architecture=x86_64&limit=1")
    query = first["images_links"][0]["href"].partition("?")[2]

    assert "property-architecture=x86_64" in query
    assert _names(client, query) == []
    assert _names(client, f"status=active&marker={_IMAGES[5]['id']}") == ["i0"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            f"{name}=0",
            f"Invalid input for query parameters {name}. Value: 0. "
            "0 is less than the minimum of 1",
        )
        for name in ("limit", "page_size", "offset")
    ]
    + [
        (
            "changes-since=yesterday",
            'HTTP 400 Bad Request: Bad "updated_at" query filter format. '
            "Use ISO 8601 DateTime notation.",
        ),
        (
            "property-visibility=odd",
            "HTTP 400 Bad Request: Invalid visibility value: odd",
        ),
    ],
)
def test_refusals(client: testing.TestClient, query: str, message: str) -> None:
    assert _ask(client, query) == {"badRequest": {"code": 400, "message": message}}
