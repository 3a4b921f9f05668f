# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of kinds: complete, used, and on the page."""

import pathlib
import re

from docs import capture_doctor
from minova.doctor import fixes, kinds

ROOT = pathlib.Path(__file__).parents[3]


def _text(folder: str, pattern: str = "*.py") -> str:
    return "".join(file.read_text() for file in (ROOT / folder).rglob(pattern))


def test_every_kind_can_be_found_and_nothing_else() -> None:
    text = _text("minova/doctor").replace((kinds.__file__ or ""), "")
    code = "".join(
        file.read_text()
        for file in (ROOT / "minova/doctor").glob("*.py")
        if file.name != "kinds.py"
    )
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', code))

    assert {kind.name for kind in kinds.ALL} <= named, text[:0]


def test_every_kind_is_caused_by_a_test() -> None:
    tests = _text("tests/unit/doctor") + _text("tests/functional", "test_doctor*.py")

    for kind in kinds.ALL:
        assert f'"{kind.name}"' in tests, f"no test causes {kind.name}"


def test_every_kind_says_what_happens_and_what_to_do() -> None:
    for kind in kinds.ALL:
        assert kind.what.endswith("."), kind.name
        assert kind.by_itself.endswith("."), kind.name
        assert kind.repair or kind.by_itself != "Nothing.", kind.name


def test_what_can_be_fixed() -> None:
    fixable = {kind.name for kind in kinds.ALL if kind.fix}

    assert fixable == fixes.FIXES.keys()


def test_the_page_has_every_kind_as_it_is() -> None:
    for path, text in capture_doctor.pages().items():
        assert path.read_text() == text, f"{path}: docs/capture_doctor.py --write"
