# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Glance over HTTP: minova's own Image API, and servers that misbehave."""

import datetime
import hashlib
import json
import pathlib
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref import simple_server

import pytest
from keystoneauth1 import session

from minova import exception
from minova.api.image_api import app
from minova.context import RequestContext
from minova.images import ImageDirectory
from minova.images.cache import Cache
from minova.images.glance import Glance
from tests import boot_sector

_ID = "7a3f3c0e-4d0d-4c57-9f3c-0a3a8e6d2f11"
_CONTENT = boot_sector.disk("tick")
_CALLER = RequestContext(auth_token="the-callers", overwrite=False)


class _Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


class Server:
    """Serves a WSGI application, or an answer that a test sets.

    Attributes:
        answer: (status, body) for every request, instead of the application's.
        tokens: the tokens that were sent.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self.answer: tuple[str, bytes] | None = None
        self.tokens: list[str | None] = []
        self._server = simple_server.make_server(
            "127.0.0.1", 0, self._serve, handler_class=_Quiet
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,)).start()

    def _serve(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.tokens.append(environ.get("HTTP_X_AUTH_TOKEN"))
        if self.answer is not None:
            start(self.answer[0], [("Content-Type", "application/json")])
            return [self.answer[1]]
        return self._application({**environ, "minova.context": None}, start)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _hash(content: bytes) -> dict[str, str]:
    value = hashlib.sha512(content).hexdigest()
    return {"os_hash_algo": "sha512", "os_hash_value": value}


@pytest.fixture
def images(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "images"
    folder.mkdir()
    boot_sector.put_image(folder, _ID, _CONTENT, min_disk=1, **_hash(_CONTENT))
    return folder


@pytest.fixture
def server(images: pathlib.Path) -> Iterator[Server]:
    serving = Server(app.create_app(ImageDirectory(images)))
    yield serving
    serving.stop()


@pytest.fixture
def glance(server: Server, tmp_path: pathlib.Path) -> Glance:
    cache = Cache(tmp_path / "images-cache")
    return Glance(server.url, session.Session(timeout=20), cache=cache, page_size=2)


def test_an_image(glance: Glance, server: Server) -> None:
    image = glance.get(_CALLER, _ID)

    assert (image.id, image.name) == (_ID, "disk-7a3f3c0e")
    assert (image.size, image.min_disk, image.virtual_size) == (512, 1, 512)
    assert (image.disk_format, image.status, image.disk) == ("raw", "active", None)
    assert image.updated_at == datetime.datetime(2026, 11, 22, 20, tzinfo=datetime.UTC)
    assert server.tokens == ["the-callers"]


def test_every_page_of_the_list(glance: Glance, images: pathlib.Path) -> None:
    ids = sorted(str(uuid.UUID(int=number)) for number in range(1, 6))
    for image_id in ids:
        boot_sector.put_image(images, image_id, b"x")

    assert sorted(image.id for image in glance.list(_CALLER)) == [*ids, _ID]


def test_an_image_is_downloaded_once(glance: Glance, server: Server) -> None:
    image = glance.fetch(_CALLER, _ID)
    asked = len(server.tokens)

    again = glance.fetch(_CALLER, _ID)

    assert image.disk is not None
    assert image.disk.read_bytes() == _CONTENT
    assert again.disk == image.disk
    assert len(server.tokens) == asked + 1  # its properties, not its file
    # A host has its own credentials, here none. The caller's stay with n-api.
    assert set(server.tokens) == {None}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"os_hash_value": "0" * 128}, "its hash does not match"),
        ({"os_hash_algo": "sha0"}, "its hash algorithm sha0 is unknown"),
        ({"os_hash_algo": None, "os_hash_value": None}, "it has no hash"),
    ],
)
def test_a_download_with_a_wrong_size_or_hash(
    glance: Glance,
    images: pathlib.Path,
    tmp_path: pathlib.Path,
    wrong: dict[str, Any],
    reason: str,
) -> None:
    description = images / _ID / "image.json"
    values = json.loads(description.read_text()) | wrong
    given = {name: value for name, value in values.items() if value is not None}
    description.write_text(json.dumps(given))

    with pytest.raises(exception.ImageUnacceptable, match=reason):
        glance.fetch(_CALLER, _ID)

    assert not list((tmp_path / "images-cache").iterdir())


def test_glances_old_hash(glance: Glance, images: pathlib.Path) -> None:
    checksum = hashlib.md5(_CONTENT).hexdigest()
    description = images / _ID / "image.json"
    values = json.loads(description.read_text())
    del values["os_hash_algo"], values["os_hash_value"]
    description.write_text(json.dumps(values | {"checksum": checksum}))

    assert glance.fetch(_CALLER, _ID).disk is not None


def test_a_kernel_and_a_ramdisk_as_separate_images(
    glance: Glance, images: pathlib.Path
) -> None:
    kernel_id, ramdisk_id = str(uuid.uuid4()), str(uuid.uuid4())
    boot_sector.put_image(images, kernel_id, b"kernel", **_hash(b"kernel"))
    boot_sector.put_image(images, ramdisk_id, b"ramdisk", **_hash(b"ramdisk"))
    properties = {
        "kernel_id": kernel_id,
        "ramdisk_id": ramdisk_id,
        "os_command_line": "quiet",
    }
    with_kernel = str(uuid.uuid4())
    more: dict[str, Any] = {**_hash(_CONTENT), "properties": properties}
    boot_sector.put_image(images, with_kernel, _CONTENT, **more)

    image = glance.fetch(_CALLER, with_kernel)

    assert image.kernel is not None
    assert image.ramdisk is not None
    assert image.kernel.read_bytes() == b"kernel"
    assert image.ramdisk.read_bytes() == b"ramdisk"
    assert image.cmdline == "quiet"


@pytest.mark.parametrize("image_id", [str(uuid.UUID(int=0)), "../images", "x", ""])
def test_a_missing_image(glance: Glance, image_id: str) -> None:
    with pytest.raises(exception.ImageNotFound):
        glance.get(_CALLER, image_id)


def test_a_format_that_cannot_boot(glance: Glance, server: Server) -> None:
    shown = {
        "id": _ID,
        "status": "active",
        "disk_format": "vmdk",
        "created_at": "2026-11-22T20:00:00Z",
        "updated_at": "2026-11-22T20:00:00Z",
    }
    server.answer = ("200 OK", json.dumps(shown).encode())

    assert glance.get(_CALLER, _ID).defect == "disk format vmdk cannot be booted here"
    with pytest.raises(exception.ImageUnacceptable):
        glance.fetch(_CALLER, _ID)


@pytest.mark.parametrize(
    "answer",
    [
        ("500 Internal Server Error", b"oops"),
        ("503 Service Unavailable", b""),
        ("401 Unauthorized", b""),
        ("300 Multiple Choices", b"{}"),
        ("200 OK", b""),
        ("200 OK", b"<html>"),
        ("200 OK", b"[]"),
        ("200 OK", b"{}"),
        ("200 OK", b'{"id": 1, "status": "active", "created_at": 7, "images": [7]}'),
        ("200 OK", b'{"images": 7}'),
    ],
)
def test_an_answer_that_is_not_glances(
    glance: Glance, server: Server, answer: tuple[str, bytes]
) -> None:
    server.answer = answer

    for ask in (
        lambda: glance.list(_CALLER),
        lambda: glance.get(_CALLER, _ID),
        lambda: glance.fetch(_CALLER, _ID),
    ):
        with pytest.raises(exception.GlanceConnectionFailed):
            ask()


def test_a_glance_that_is_down(server: Server) -> None:
    """The error tells a user the URL, but not the credentials."""
    server.stop()
    url = server.url.replace("://", "://nova:s3cret@")
    glance = Glance(url, session.Session(timeout=20))

    with pytest.raises(exception.GlanceConnectionFailed) as raised:
        glance.get(_CALLER, _ID)

    said = str(raised.value)
    assert said.startswith(
        f"Connection to glance host {server.url.removeprefix('http://')} failed: "
    )
    assert "s3cret" not in said


def test_a_glance_that_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        glance = Glance(url, session.Session(timeout=0.2))

        with pytest.raises(exception.GlanceConnectionFailed):
            glance.get(_CALLER, _ID)
