# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of kinds is complete, used, and shown on the page."""

import pathlib

from docs import capture_doctor
from minova.doctor import fixes, kinds

ROOT = pathlib.Path(__file__).parents[3]


def _text(folder: str, pattern: str) -> str:
    return "".join(file.read_text() for file in (ROOT / folder).rglob(pattern))


def test_every_kind_can_be_found() -> None:
    code = "".join(
        file.read_text()
        for file in (ROOT / "minova/doctor").rglob("*.py")
        if file.name != "kinds.py"
    )

    for kind in kinds.ALL:
        assert f'"{kind.name}"' in code, f"nothing finds {kind.name}"


def test_every_kind_is_caused_by_a_test() -> None:
    tests = "".join(
        _text(folder, pattern)
        for folder, pattern in [
            ("tests/unit/doctor", "*.py"),
            ("tests/functional", "test_doctor*.py"),
            ("tests/faults", "test_doctor.py"),
        ]
    )

    for kind in kinds.ALL:
        assert f'"{kind.name}"' in tests, f"no test causes {kind.name}"


def test_every_kind_says_what_happens_and_what_to_do() -> None:
    for kind in kinds.ALL:
        assert kind.what.endswith((".", "{why}")), kind.name
        assert kind.by_itself.endswith("."), kind.name
        assert kind.repair or kind.by_itself != "Nothing.", kind.name


def test_fixable_kinds() -> None:
    fixable = {kind.name for kind in kinds.ALL if kind.fix}

    assert fixable == fixes.FIXES.keys()


def test_the_page_shows_every_kind() -> None:
    for path, text in capture_doctor.pages().items():
        assert path.read_text() == text, f"{path}: docs/capture_doctor.py --write"
