# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""run_tests.sh --all resumes where it was, and restarts for another revision."""

import pathlib
import subprocess
import sys

import pytest

_TESTS = pathlib.Path(__file__).parents[1]
_DEVSTACK = _TESTS.parent / "devstack"
_SCRIPT = """
set -euo pipefail
source "$DEVSTACK/lib/reporting"
source "$DEVSTACK/lib/test_parts"
cd "$SOURCE_DIR"
run_parts "one|test_one.py" "two|GREETING=hello test_two.py -k slow" "three|./three"
"""


def test_every_folder_of_tests_is_in_a_part() -> None:
    lines = (_DEVSTACK / "run_tests.sh").read_text().splitlines()
    parts = [line.strip(' "') for line in lines if line.startswith('    "')]
    named = " ".join(part.partition("|")[2] for part in parts).split()

    folders = {
        file.relative_to(_TESTS.parent).parts[1] for file in _TESTS.rglob("test_*.py")
    }

    assert {f"tests/{folder}" for folder in folders} <= set(named)


class Checkout:
    """A repository with two parts of tests, each of which writes down its runs."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder / "checkout"
        self.ran = folder / "ran"
        self.folder.mkdir()
        self._git("init", "--quiet")
        (self.folder / "pytest.ini").write_text("[pytest]\nmarkers = campaign\n")
        self.write("one", "assert True")
        self.write("two", "import os; assert os.environ['GREETING'] == 'hello'")
        self.command("true")
        self.commit()

    def write(self, name: str, assertion: str) -> None:
        (self.folder / f"test_{name}.py").write_text(
            "import pathlib, pytest\n"
            "@pytest.mark.campaign\n"
            f"def test_slow():\n    pathlib.Path({str(self.ran)!r}).open('a').write("
            f"'{name} ')\n    {assertion}\n"
            "def test_other(): pass\n"
        )

    def command(self, does: str) -> None:
        (self.folder / "three").write_text(f"#!/bin/sh\n{does}\n")
        (self.folder / "three").chmod(0o755)

    def commit(self) -> None:
        self._git("add", ".")
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        self._git(*identity, "commit", "--quiet", "--message", "x")

    def run(self) -> tuple[int, str]:
        """Return the exit code and the last line."""
        prefix = pathlib.Path(sys.executable).parents[1]
        done = subprocess.run(
            ["bash", "-c", _SCRIPT],
            env={
                "PATH": "/usr/bin:/bin",
                "DEVSTACK": str(_DEVSTACK),
                "SOURCE_DIR": str(self.folder),
                "TEST_DIR": str(self.folder.parent / "test-dir"),
                "TEST_VENV": str(prefix),
                "SHARED_RUN_DIR": str(self.folder.parent),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTEST_ADDOPTS": "-p no:cacheprovider",
            },
            check=False,
            capture_output=True,
            text=True,
        )
        last = done.stdout.splitlines()[-1] if done.stdout else done.stderr
        return done.returncode, last.partition(", in ")[0]

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True)


@pytest.fixture
def checkout(tmp_path: pathlib.Path) -> Checkout:
    return Checkout(tmp_path)


def test_passed_parts_are_not_repeated(checkout: Checkout) -> None:
    assert checkout.run() == (0, "4 passed, 0 failed, 0 skipped")
    assert checkout.run() == (0, "4 passed, 0 failed, 0 skipped")

    assert checkout.ran.read_text() == "one two "


def test_failed_or_interrupted_parts_are_repeated(checkout: Checkout) -> None:
    checkout.write("one", "assert False")
    checkout.write("two", "raise KeyboardInterrupt")
    assert checkout.run()[0] == 1

    assert checkout.run()[0] == 1

    assert checkout.ran.read_text() == "one two one two "


def test_a_failing_command_is_one_failure(checkout: Checkout) -> None:
    checkout.command("false")

    assert checkout.run() == (1, "3 passed, 1 failed, 0 skipped")


def test_another_revision_restarts(checkout: Checkout) -> None:
    """Uncommitted changes also count as another revision."""
    checkout.run()
    checkout.write("two", "assert 1")

    assert checkout.run() == (0, "4 passed, 0 failed, 0 skipped")

    assert checkout.ran.read_text() == "one two " * 2
