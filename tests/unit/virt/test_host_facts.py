# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts about a host: its processor and its uptime."""

import pathlib
import re

import pytest

from minova.virt import uptime
from minova.virt.libvirt import cpu

CAPABILITIES = """
<capabilities><host>
  <cpu>
    <arch>x86_64</arch><model>Skylake-Client-IBRS</model><vendor>Intel</vendor>
    <topology sockets='1' dies='1' cores='2' threads='1'/>
    <feature name='vmx'/><feature name='ds'/>
  </cpu>
  <topology><cells num='1'><cell id='0'/></cells></topology>
</host></capabilities>
"""


def test_a_processor() -> None:
    assert cpu.info(CAPABILITIES) == {
        "arch": "x86_64",
        "model": "Skylake-Client-IBRS",
        "vendor": "Intel",
        "features": ["ds", "vmx"],
        "topology": {"cells": 1, "sockets": 1, "cores": 2, "threads": 1},
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ("59.3 1", "up 0 min"),
        ("3600.0 1", "up  1:00"),
        ("90000.5 1", "up 1 day,  1:00"),
        ("900000.5 1", "up 10 days, 10:00"),
    ],
)
def test_an_uptime(tmp_path: pathlib.Path, seconds: str, text: str) -> None:
    (tmp_path / "uptime").write_text(seconds)

    line = uptime.read(tmp_path)

    assert line is not None
    pattern = r" \d\d:\d\d:\d\d (up .*),  0 users,  load average: [\d., ]+"
    match = re.fullmatch(pattern, line)
    assert match is not None
    assert match[1] == text


def test_no_uptime(tmp_path: pathlib.Path) -> None:
    assert uptime.read(tmp_path) is None
