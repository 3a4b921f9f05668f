# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes through Nova's image proxy, in front of a Glance that may refuse."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import falcon
import pytest
from falcon import testing
from keystoneauth1 import session

from minova.api.front.request import CONTEXT
from minova.db.api import Database
from minova.images import ImageDirectory
from minova.images.glance import Glance
from tests import boot_sector
from tests.unit.api.conftest import caller, client_of
from tests.unit.test_glance import Server

_ID = "7a3f3c0e-4d0d-4c57-9f3c-0a3a8e6d2f11"
_IMAGE = f"/v2.1/images/{_ID}"
_PATH = f"{_IMAGE}/metadata"


class OneImage:
    """A Glance with one image that accepts Glance's JSON patches.

    Attributes:
        meanwhile: what another client sets between a read and a patch.
        patches: the received patches.
        status: the answer to a patch, and to a delete if it is not 200.
        deleted: how often the image was deleted.
    """

    def __init__(self) -> None:
        time = "2026-11-22T20:00:00Z"
        self.image: dict[str, Any] = {"id": _ID, "name": "one", "status": "active"}
        self.image |= {"created_at": time, "updated_at": time, "disk_format": "raw"}
        self.image |= {"colour": "red", "a/b~c": "odd"}
        self.meanwhile: dict[str, str] = {}
        self.patches: list[Any] = []
        self.status = 200
        self.deleted = 0

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = self.image

    def on_patch(self, req: falcon.Request, resp: falcon.Response) -> None:
        assert req.content_type == "application/openstack-images-v2.1-json-patch"
        self.image |= self.meanwhile
        self.patches.append(json.load(req.bounded_stream))
        for step in self.patches[-1]:
            name = step["path"][1:].replace("~1", "/").replace("~0", "~")
            if step["op"] == "remove":
                del self.image[name]
            else:
                self.image[name] = step["value"]
        resp.status = self.status
        resp.media = self.image

    def on_delete(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.deleted += 1
        resp.status = 204 if self.status == 200 else self.status


@pytest.fixture
def one() -> OneImage:
    return OneImage()


@pytest.fixture
def server(one: OneImage) -> Iterator[Server]:
    glance = falcon.App()
    glance.add_route(f"/v2/images/{_ID}", one)
    serving = Server(glance)
    yield serving
    serving.stop()


@pytest.fixture
def client(db: Database, server: Server) -> testing.TestClient:
    return client_of(db, Glance(server.url, session.Session(timeout=20)))


def _send(
    client: testing.TestClient, method: str, path: str, body: Any = None
) -> testing.Result:
    extras = {CONTEXT: caller()}
    return client.simulate_request(method, path, json=body, extras=extras)


def test_adding_metadata(client: testing.TestClient, one: OneImage) -> None:
    answer = _send(client, "POST", _PATH, {"metadata": {"colour": "blue", "n": "1"}})

    assert answer.json == {"metadata": {"colour": "blue", "a/b~c": "odd", "n": "1"}}
    assert one.patches == [
        [
            {"op": "add", "path": "/colour", "value": "blue"},
            {"op": "add", "path": "/n", "value": "1"},
        ]
    ]


def test_replacing_metadata(client: testing.TestClient, one: OneImage) -> None:
    answer = _send(client, "PUT", _PATH, {"metadata": {"colour": "red", "n": "1"}})

    assert answer.json == {"metadata": {"colour": "red", "n": "1"}}
    assert one.patches == [
        [
            {"op": "add", "path": "/n", "value": "1"},
            {"op": "remove", "path": "/a~1b~0c"},
        ]
    ]


def test_setting_one_item(client: testing.TestClient, one: OneImage) -> None:
    answer = _send(client, "PUT", f"{_PATH}/colour", {"meta": {"colour": "blue"}})

    assert answer.json == {"meta": {"colour": "blue"}}
    assert one.image["colour"] == "blue"


def _delete(client: testing.TestClient, path: str) -> str:
    """Send it without Falcon's test checker, which refuses a 204 with a Content-Type.

    Nova's 204 has one.
    """
    environ = testing.create_environ(path, method="DELETE")
    started = testing.StartResponseMock()
    client.app(environ | {CONTEXT: caller()}, started)
    assert started.headers_dict["content-type"] == "application/json"
    return str(started.status)


def test_deleting_one_item(client: testing.TestClient, one: OneImage) -> None:
    """A value that another client sets at the same time stays."""
    one.meanwhile = {"n": "2"}

    assert _delete(client, f"{_PATH}/colour") == "204 No Content"
    assert "colour" not in one.image
    assert one.image["n"] == "2"


def test_a_missing_item(client: testing.TestClient, one: OneImage) -> None:
    answer = _send(client, "DELETE", f"{_PATH}/shape")

    assert answer.status_code == 404
    assert not one.patches


@pytest.mark.parametrize(
    ("status", "answered", "message"),
    [
        (403, 403, f"Not authorized for image {_ID}."),
        (404, 404, f"Image {_ID} could not be found."),
        (400, 400, f"Request of image {_ID} got BadRequest response: Bad Request"),
        (500, 503, "status 500"),
    ],
)
def test_glance_refuses(
    client: testing.TestClient,
    one: OneImage,
    status: int,
    answered: int,
    message: str,
) -> None:
    one.status = status

    answer = _send(client, "POST", _PATH, {"metadata": {"n": "1"}})

    assert answer.status_code == answered
    assert message in answer.text


def test_deleting_an_image(client: testing.TestClient, one: OneImage) -> None:
    assert _delete(client, _IMAGE) == "204 No Content"
    assert one.deleted == 1


@pytest.mark.parametrize(
    ("status", "answered", "message"),
    [
        (403, 403, "You are not allowed to delete the image."),
        (404, 404, "Image not found."),
        (409, 409, "Conflict deleting image. Reason: Conflict."),
        (500, 503, "status 500"),
    ],
)
def test_glance_refuses_to_delete(
    client: testing.TestClient, one: OneImage, status: int, answered: int, message: str
) -> None:
    one.status = status

    answer = _send(client, "DELETE", _IMAGE)

    assert answer.status_code == answered
    assert message in answer.text


@pytest.mark.parametrize("image_id", ["nothing", "x" * 300, "-1"])
def test_a_malformed_id_is_not_sent_to_glance(
    client: testing.TestClient, server: Server, image_id: str
) -> None:
    assert _send(client, "DELETE", f"/v2.1/images/{image_id}").status_code == 404
    assert not server.tokens


def test_images_of_a_folder_cannot_be_changed(
    db: Database, tmp_path: pathlib.Path
) -> None:
    boot_sector.put_image(tmp_path, _ID, b"x")
    client = client_of(db, ImageDirectory(tmp_path))

    answer = _send(client, "PUT", _PATH, {"metadata": {"n": "1"}})

    assert answer.status_code == 403
    assert f"Not authorized for image {_ID}." in answer.text

    answer = _send(client, "DELETE", _IMAGE)

    assert answer.status_code == 403
    assert "You are not allowed to delete the image." in answer.text
