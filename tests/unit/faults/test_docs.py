# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The section "What goes wrong, on order", with its examples run unchanged."""

import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

from minova.api.faults import kinds
from tests.unit.cmd.local_cloud import run
from tests.unit.faults.site import Site

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "testing-a-tool.md"
_, _, _rest = PAGE.read_text(encoding="utf-8").partition("## What goes wrong, on order")
SECTION = _rest.partition("\n## ")[0]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


def _names(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


def test_the_table_has_exactly_the_kinds() -> None:
    rows = [line.split("|")[1:-1] for line in SECTION.splitlines() if "|" in line]
    told = {
        cells[0].strip(" `"): (cells[1].strip(), _names(cells[2]), _names(cells[3]))
        for cells in rows
        if len(cells) == 4
    }

    assert {name: told[name] for name in kinds.BY_NAME} == {
        kind.name: (kind.what, set(kind.needs), set(kind.takes)) for kind in kinds.ALL
    }


def test_the_fixture(site: Site, tmp_path: pathlib.Path) -> None:
    (example,) = _blocks("python")
    (tmp_path / "test_example.py").write_text(example)
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.pytest.ini_options]\nminova_url = "{site.url}"\n'
    )

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "minova.testing.plugin"],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_the_command(site: Site) -> None:
    commands, _by_http = _blocks("sh")
    listed = ""
    for line in commands.splitlines():
        words = shlex.split(line)
        assert words.pop(0) == "minova"
        done = run(*words, MINOVA_URL=site.url)
        assert (done.exit_code, done.stderr) == (0, ""), line
        if words[1] == "list":
            listed = done.stdout

    kinds_listed = [line.split()[1] for line in listed.splitlines()]
    assert kinds_listed == ["action-takes", "answer", "token-expires"]
    assert site.faults() == []


def test_http(site: Site) -> None:
    _commands, by_http = _blocks("sh")
    for line in by_http.replace("\\\n", "").splitlines():
        here = line.replace("http://127.0.0.1:8774", site.url)
        if "/ID" in here:
            assert site.states_of_hosts()["host-1"] == "down"
            here = here.replace("/ID", f"/{site.faults()[0]}")
        subprocess.run(
            ["curl", "-sf", *shlex.split(here)[1:]], check=True, capture_output=True
        )

    assert site.faults() == []
    assert site.states_of_hosts()["host-1"] == "up"


@pytest.mark.parametrize("kind", kinds.ALL, ids=lambda kind: kind.name)
def test_the_command_accepts_each_kind_with_all_its_values(
    kind: kinds.Kind,
) -> None:
    shown = run("fault", "add", "--help").output

    assert f"{kind.name} " in shown
    for name in kind.values:
        option = {"project_id": "project"}.get(name, name).replace("_", "-")
        assert f"--{option}" in shown
