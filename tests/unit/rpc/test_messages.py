# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A received message is read as JSON without decompression, or not at all."""

import bz2
import gzip
import json
import lzma
import zlib
from typing import Any

import amqp
import pytest

from minova.rpc.confirms import Message

_MANY = bytes(30_000_000)


def _come(body: bytes, **properties: Any) -> Message:
    came = amqp.Message(body, **{"content_type": "application/json"} | properties)
    came.delivery_info = {"delivery_tag": 1}
    return Message(came)


@pytest.mark.parametrize(
    ("compression", "compress"),
    [
        ("application/x-bz2", bz2.compress),
        ("application/x-gzip", zlib.compress),
        ("gzip", zlib.compress),
        ("application/x-lzma", lzma.compress),
    ],
)
def test_messages_are_not_decompressed(compression: str, compress: Any) -> None:
    body = compress(_MANY)
    message = _come(body, application_headers={"compression": compression})

    assert message.body == body
    with pytest.raises(ValueError, match="compressed"):
        _ = message.payload


@pytest.mark.parametrize("compression", ["", "none", 7, ["gzip"], None])
def test_any_value_of_the_header(compression: Any) -> None:
    """No value of the header makes kombu fail: it finds nothing to decompress."""
    message = _come(b"{}", application_headers={"compression": compression})
    assert not message.errors


@pytest.mark.parametrize("content_type", ["x/y", "text/plain", "", None])
@pytest.mark.parametrize(("encoding", "encode"), [("bz2", bz2), ("zip", zlib)])
def test_decoders_that_decompress_are_off(
    content_type: str | None, encoding: str, encode: Any
) -> None:
    body = encode.compress(_MANY)
    message = _come(body, content_type=content_type, content_encoding=encoding)

    with pytest.raises(ValueError, match="content type"):
        _ = message.payload


def test_messages_of_minova_are_read() -> None:
    envelope = {"oslo.version": "2.0", "oslo.message": "{}"}
    body = json.dumps(envelope).encode()
    for properties in ({}, {"application_headers": {"x": 1}}):
        message = _come(body, content_encoding="utf-8", **properties)
        assert message.payload == envelope
        assert message.payload == envelope


def test_the_json_codec_does_not_decompress() -> None:
    message = _come(gzip.compress(_MANY), content_encoding="zip")
    with pytest.raises(Exception, match="decode"):
        _ = message.payload
