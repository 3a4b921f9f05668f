# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Files and modules that the docs name exist."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[2]
ROOTS = (ROOT, ROOT / "minova", ROOT / "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_links_to(page: pathlib.Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_modules_that_a_page_names(page: pathlib.Path) -> None:
    """Except in decisions, which describe their own time."""
    names = re.findall(r"`(\w+/[\w/]+\.py)`", page.read_text())

    gone = [name for name in names if not any((at / name).exists() for at in ROOTS)]
    assert gone == [] or page.parent.name == "adr"
