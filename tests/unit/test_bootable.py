# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which flavors fit an image, with Nova's messages."""

import dataclasses
import datetime
import json
import pathlib
from typing import Any

import pytest

from minova import exception
from minova.images import ImageDirectory, bootable
from minova.objects.flavor import Flavor
from minova.objects.image import Image

_NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
_DISK = Image(
    id="1",
    name="disk",
    size=512,
    min_ram=128,
    min_disk=1,
    created_at=_NOW,
    updated_at=_NOW,
    properties={},
    disk_format="raw",
)
_NANO = Flavor(flavorid="42", name="nano", memory_mb=128, vcpus=1, root_gb=1)


def test_flavors_that_fit() -> None:
    bootable.check(_DISK, _NANO)
    # A flavor without a root disk accepts images of any size.
    bootable.check(
        dataclasses.replace(_DISK, size=2**40), dataclasses.replace(_NANO, root_gb=0)
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"min_ram": 129}, "Flavor's memory is too small for requested image."),
        (
            {"size": 2**31},
            "Flavor's disk is too small for requested image. Flavor disk is "
            "1073741824 bytes, image is 2147483648 bytes.",
        ),
        (
            {"virtual_size": 2**31},
            "Flavor's disk is too small for requested image. Flavor disk is "
            "1073741824 bytes, image is 2147483648 bytes.",
        ),
        (
            {"min_disk": 2},
            "Flavor's disk is smaller than the minimum size specified in image "
            "metadata. Flavor disk is 1073741824 bytes, minimum size is 2147483648 "
            "bytes.",
        ),
        ({"status": "queued"}, "Image 1 is not active."),
    ],
)
def test_flavors_that_do_not_fit(values: dict[str, Any], message: str) -> None:
    with pytest.raises(exception.Invalid) as refused:
        bootable.check(dataclasses.replace(_DISK, **values), _NANO)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    "wrong",
    [
        {"disk": None},
        {"disk": "absent"},
        {"disk_format": None},
        {"disk_format": "vmdk"},
        {"disk": None, "disk_format": None, "ramdisk": "disk.img"},
        {"updated_at": "yesterday"},
        {"min_ram": "much"},
        {"id": None},
        {"id": "../etc"},
        {"properties": 7},
        {"cmdline": "quiet"},
    ],
)
def test_an_unusable_description_is_skipped(
    tmp_path: pathlib.Path, wrong: dict[str, Any]
) -> None:
    right = {
        "id": "7a3f3c0e-4d0d-4c57-9f3c-0a3a8e6d2f11",
        "name": "disk",
        "updated_at": "2026-11-22T20:00:00Z",
        "disk": "disk.img",
        "disk_format": "raw",
    }
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "disk.img").touch()
    description = folder / "image.json"
    description.write_text(json.dumps(right))
    assert [image.name for image in ImageDirectory(tmp_path).list()] == ["disk"]

    given = {
        name: value for name, value in (right | wrong).items() if value is not None
    }
    description.write_text(json.dumps(given))

    assert ImageDirectory(tmp_path).list() == []


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '"x"', "\xff"])
def test_a_file_that_is_not_a_description_is_skipped(
    tmp_path: pathlib.Path, text: str
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "image.json").write_text(text, encoding="latin-1")

    assert ImageDirectory(tmp_path).list() == []
