# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Users and passwords of URLs are removed from texts, and nothing else is."""

import time

import pytest

from minova import masking


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to rabbit://m:secret@h:5672/v", "to rabbit://***@h:5672/v"),
        ("rabbit://m:secret@a:1,m:secret@b:2/v", "rabbit://***@b:2/v"),
        ("mysql+pymysql://m:sec/r@et@h/n?x=1", "mysql+pymysql://***@h/n?x=1"),
        ("url='http://m:secret@h/v2': no", "url='http://***@h/v2': no"),
        ("HTTPS://secret@h", "HTTPS://***@h"),
        ("a://m:secret@h and b://m:secret@i", "a://***@h and b://***@i"),
        ("x\nhttp://m:secret@h\ny", "x\nhttp://***@h\ny"),
    ],
)
def test_a_url_with_a_user(text: str, masked: str) -> None:
    assert masking.mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8774/v2.1/servers?name=x",
        "mail to root@localhost about http://h:80/x",
        "http://h:80/x of root@localhost",
        '{"a": "http://h:80/x", "b": "me@h"}',
        "sqlite:////var/lib/minova.sqlite",
        "@",
    ],
)
def test_texts_that_stay(text: str) -> None:
    assert masking.mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a+" * 50_000 + "://" * 20_000 + "x:" * 50_000,
        "x://" * 16_000,
        "x://a:" * 11_000,
        "x://a" * 13_000,
    ],
    ids=lambda text: text[:6],
)
def test_long_texts_are_quick(text: str) -> None:
    """Without limits, each of these took n-api some 10 s for a body of 64 KiB."""
    began = time.process_time()

    assert masking.mask(f"@ {text} @") == f"@ {text} @"
    assert time.process_time() - began < 3


def test_an_endpoint_keeps_host_and_port() -> None:
    assert masking.host_of("http://m:secret@h:9292/image") == "h:9292"
    assert masking.host_of("https://h/image") == "h"
