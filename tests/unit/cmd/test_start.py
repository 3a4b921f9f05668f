# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How console scripts start."""

import sys

import pytest

from minova.cmd import start


@pytest.mark.parametrize("name", ["minova-compute", "minova-manage"])
def test_an_error_starts_with_the_name_of_the_program(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sys, "argv", [f"/usr/bin/{name}"])

    with pytest.raises(SystemExit, match=f"^{name}: .*/nope/minova.conf"):
        start.read_options(["--config-file", "/nope/minova.conf"], "it.log")
