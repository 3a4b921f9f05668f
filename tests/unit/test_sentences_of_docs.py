# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Sentences of the docs are short enough to be understood at first reading."""

import pathlib
import re
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
AT_MOST = 40
"""In words. Text in backquotes counts as one."""


def paragraphs(page: str) -> Iterator[str]:
    """Yield running text and list items: no headings, tables, pictures or code."""
    without_code = re.sub(r"^ *```.*?^ *```$", "", page, flags=re.MULTILINE | re.DOTALL)
    for block in re.split(r"\n\s*\n|\n(?= *(?:[-*]|\d+\.) )", without_code):
        if not re.match(r"#|\||<!|!\[", block.strip()):
            yield " ".join(block.split())


def sentences(paragraph: str) -> list[str]:
    plain = re.sub(r"`[^`]*`", "code", paragraph)
    return re.split(r"(?<=[.:;!?])\s+", re.sub(r"\]\([^)]*\)", "]", plain))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_sentence_is_too_long(page: pathlib.Path) -> None:
    found = [
        sentence
        for paragraph in paragraphs(page.read_text())
        for sentence in sentences(paragraph)
        if len(sentence.split()) > AT_MOST
    ]

    assert not found
