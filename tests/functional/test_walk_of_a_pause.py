# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A pause runs exactly what docs/walk-of-a-pause.md lists."""

import pathlib
import re
import subprocess
import sys

import pytest

_TOP = pathlib.Path(__file__).parents[2]
_PAGE = (_TOP / "docs" / "walk-of-a-pause.md").read_text()
_NUMBER = re.compile(r"\| (\**)(\d+)\1(?= \|)")
_MOST_TO_READ = 9


@pytest.fixture(scope="module")
def traced() -> str:
    """The page as a trace in a separate process would write it."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "docs/generate_walk.py"],
        cwd=_TOP,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout


def _totals(page: str) -> list[int]:
    """Return the number of files, functions and lines, from the table's last row."""
    found = re.search(r"\| \*\*(\d+) files\*\* \| \*\*(\d+)\*\* \| \*\*(\d+)\*\*", page)
    assert found is not None
    return [int(number) for number in found.groups()]


def test_the_page_names_each_file_statement_and_thread(traced: str) -> None:
    """Line counts are left out, because they depend on the Python version."""
    assert _NUMBER.sub("| n", traced) == _NUMBER.sub("| n", _PAGE)


def test_the_path_has_not_grown(traced: str) -> None:
    now, said = _totals(traced), _totals(_PAGE)

    assert all(n <= s for n, s in zip(now, said, strict=True)), (now, said)


def test_few_files_must_be_read_and_all_of_them_run(traced: str) -> None:
    numbered = re.findall(r"^\| (\d+) \|", _PAGE, re.MULTILINE)
    read = re.findall(r"\*\*read\*\* \((\d+)\)", traced)

    assert read == numbered
    assert len(read) <= _MOST_TO_READ
