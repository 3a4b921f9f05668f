# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Names are only text."""

import pathlib
from xml.etree import ElementTree

from minova.objects.image import Image
from minova.virt.libvirt import xml
from tests.unit.conftest import NewServer


def test_a_name_full_of_markup_stays_a_name(
    new_server: NewServer, image: Image, monkeypatch: object
) -> None:
    import dataclasses  # noqa: PLC0415

    evil = "</name><devices><emulator>/bin/sh</emulator></devices>&\"'"
    server = dataclasses.replace(new_server(), display_name=evil, project_id=evil)

    text = xml.domain(
        server,
        image,
        name=server.name,
        deployment_id="d",
        virt_type="qemu",
        arch="x86_64",
        folder=pathlib.Path("/f"),
    )

    root = ElementTree.fromstring(text)
    assert root.findtext(f".//{{{xml.NAMESPACE}}}name") == evil
    assert root.find(".//emulator") is None
    assert root.findtext("name") == server.name
