# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How many console lines are returned, counted as in Nova."""

import pathlib

import pytest

from minova.compute.manager import ComputeManager
from minova.db.api import Database
from minova.images import ImageDirectory
from minova.objects.instance import Instance
from minova.virt.fake import FakeDriver
from tests.unit.conftest import HOST, NewServer, context


class Talkative(FakeDriver):
    """Its guests print what the test gives them."""

    says = ""

    def get_console_output(self, instance: Instance) -> str | None:
        return self.says


@pytest.mark.parametrize(
    ("said", "tail", "answered"),
    [
        ("a\nb\nc\n", None, "a\nb\nc\n"),
        ("a\nb\nc\n", 0, ""),
        ("a\nb\nc\n", 1, ""),
        ("a\nb\nc\n", 3, "b\nc\n"),
        ("a\nb\nc\n", 4, "a\nb\nc\n"),
        ("a\nb\nc\n", 9, "a\nb\nc\n"),
        ("a\nlogin: ", 1, "login: "),
        ("a\n\n\n", 2, "\n"),
        ("", 3, ""),
    ],
)
def test_text_after_the_last_newline_counts_as_a_line(
    db: Database,
    new_server: NewServer,
    tmp_path: pathlib.Path,
    said: str,
    tail: int | None,
    answered: str,
) -> None:
    driver = Talkative(HOST)
    driver.says = said
    manager = ComputeManager(HOST, db, driver, ImageDirectory(tmp_path))

    assert manager.get_console_output(context(), new_server().uuid, tail) == answered
