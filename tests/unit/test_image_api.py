# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The query string of GET /v2/images: order, pages, filters, and errors."""

import json
import pathlib
from typing import Any

import falcon
import pytest
import webob
from falcon import testing

from minova.api.front.mounting import mount
from minova.api.image_api import app, query
from minova.images import ImageDirectory

_IMAGES: list[dict[str, Any]] = [
    {"id": "1", "name": "b", "size": 10, "created_at": "2026-01-01T00:00:00Z"},
    {"id": "2", "name": "a,b", "size": None, "created_at": "2026-01-02T00:00:00Z"},
    {"id": "3", "name": "a", "size": 30, "created_at": "2026-01-03T00:00:00Z"},
]


def _ids(query_string: str) -> str:
    images = [{**image, "tags": [], "protected": False} for image in _IMAGES]
    return "".join(image["id"] for image in query.read(query_string).page(images))


@pytest.mark.parametrize(
    ("query_string", "ids"),
    [
        ("", "321"),
        ("sort=name:asc", "321"),
        ("sort_key=name&sort_dir=desc", "123"),
        ("sort_key=name&sort_key=id&sort_dir=asc", "321"),
        ("sort=size:asc,id", "132"),
        ("limit=0", ""),
        ("limit=2", "32"),
        ("marker=3", "21"),
        ("marker=3&limit=1", "2"),
        ('name=in:"a,b",b', "21"),
        ("name=in:", ""),
        ("name=a", "3"),
        ("size_min=20", "3"),
        ("size_max=20", "1"),
        ("created_at=gte:2026-01-02T00:00:00Z", "32"),
        ("created_at=2026-01-02T00:00:00Z", "2"),
        ("tag=x", ""),
        ("protected=False", "321"),
        ("visibility=all", "321"),
        ("member_status=all", "321"),
        ("os_distro=debian", ""),
    ],
)
def test_lists(query_string: str, ids: str) -> None:
    assert _ids(query_string) == ids


@pytest.mark.parametrize(
    "query_string",
    [
        "limit=x",
        "limit=-1",
        "limit=",
        "marker=4",
        "sort=colour",
        "sort=name:up",
        "sort=",
        "sort=name&sort_key=id",
        "sort_key=name&sort_dir=up",
        "sort_key=name&sort_dir=asc&sort_dir=asc",
        "visibility=",
        "size_min=many",
        f"size_max={'9' * 5000}",
        "size=%EF%BC%91",
        "protected=perhaps",
        f"name=in:{'x' * 200000}",
    ],
)
def test_refusals(query_string: str) -> None:
    with pytest.raises(webob.exc.HTTPBadRequest):
        _ids(query_string)


@pytest.fixture
def client(tmp_path: pathlib.Path) -> testing.TestClient:
    """The Image API over a folder with a disk image, in front of another app."""
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "disk.img").write_bytes(b"x" * 512)
    description: dict[str, Any] = {
        "id": "7a3f3c0e-4d0d-4c57-9f3c-0a3a8e6d2f11",
        "name": "boots",
        "updated_at": "2026-11-22T20:00:00+01:00",
        "disk": "disk.img",
        "disk_format": "raw",
        "min_disk": 1,
        "properties": {"id": "mine", "os_distro": "none", "count": 3},
    }
    (folder / "image.json").write_text(json.dumps(description))
    other = falcon.App()
    return testing.TestClient(
        mount({app.PREFIX: app.create_app(ImageDirectory(tmp_path))}, other),
        headers={"Accept": "application/json"},
    )


_CALLER = {"minova.context": None}


def test_a_disk_image_as_glance_shows_it(client: testing.TestClient) -> None:
    shown = client.simulate_get("/image/v2/images", extras=_CALLER).json["images"][0]

    assert shown["id"] == "7a3f3c0e-4d0d-4c57-9f3c-0a3a8e6d2f11"
    assert (shown["disk_format"], shown["container_format"]) == ("raw", "bare")
    assert (shown["size"], shown["min_ram"], shown["min_disk"]) == (512, 0, 1)
    assert (shown["os_distro"], shown["count"]) == ("none", "3")
    assert shown["updated_at"] == "2026-11-22T19:00:00Z"


def test_its_file(client: testing.TestClient) -> None:
    path = "/image/v2/images/7a3f3c0e-4d0d-4c57-9f3c-0a3a8e6d2f11/file"

    assert client.simulate_get(path, extras=_CALLER).content == b"x" * 512


@pytest.mark.parametrize(
    "path", ["/imagery", "/image2", "/v2/images", "/", "//image/v2/images", "/a/image"]
)
def test_other_paths_belong_to_the_other_app(
    client: testing.TestClient, path: str
) -> None:
    answer = client.simulate_get(path, extras=_CALLER)

    assert answer.json == {"title": "404 Not Found"}  # Falcon's, not WebOb's


def test_an_unknown_method(client: testing.TestClient) -> None:
    answer = client.simulate_post("/image/v2/schemas/image", extras=_CALLER)

    assert answer.status_code == 405
    assert answer.json["title"] == "Method Not Allowed"
    assert answer.headers["allow"] == "GET, OPTIONS"
