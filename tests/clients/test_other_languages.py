# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The programs in docs/testing-from-other-languages.md, run unchanged."""

import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest
import yaml

from tests.unit.cmd.local_cloud import up

pytestmark = pytest.mark.campaign

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "docs/testing-from-other-languages.md").read_text()
GO = {
    "GO111MODULE": "off",
    "GOPATH": "/usr/share/gocode",
    "GOFLAGS": "-count=1",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder in which `minova` is the one of this checkout."""
    command = tmp_path / "bin/minova"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -P -m minova "$@"\n'
    )
    command.chmod(0o755)
    return tmp_path


def run(folder: pathlib.Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder)}
        | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("beside", [False, True])
def test_go(folder: pathlib.Path, beside: bool) -> None:
    for name, text in zip(("pause_idle", "pause_idle_test"), blocks("go"), strict=True):
        (folder / f"{name}.go").write_text(text)

    with up() as cloud:
        there = {"NOVA_URL": cloud.url} if beside else {}
        said = run(folder, "go", "test", "-v", ".", **GO, **there)
        asked = cloud.admin("GET", "/minova/v1/requests")["requests"]

    assert "--- PASS: TestOnlyIdleServersArePaused" in said
    assert bool(asked) == beside


@pytest.mark.parametrize("beside", [False, True])
def test_javascript(folder: pathlib.Path, beside: bool) -> None:
    names = ("pause_idle.mjs", "pause_idle.test.mjs")
    for name, text in zip(names, blocks("js"), strict=True):
        (folder / name).write_text(text)

    with up() as cloud:
        there = {"NOVA_URL": cloud.url} if beside else {}
        said = run(folder, "node", "--test", **there)
        asked = cloud.admin("GET", "/minova/v1/requests")["requests"]

    assert "# pass 1" in said
    assert "# fail 0" in said
    assert bool(asked) == beside


def test_waiting(folder: pathlib.Path) -> None:
    github, gitlab = map(yaml.safe_load, blocks("yaml"))
    (_start, waits, _test) = blocks("sh")[0].splitlines()
    (in_gitlab, _test) = gitlab["test"]["script"]
    url = github["jobs"]["test"]["env"]["NOVA_URL"]
    assert waits.replace(url, '"$NOVA_URL', 1) + '"' == in_gitlab

    (service,) = gitlab["test"]["services"]
    with up(*service["command"][1:]) as cloud:
        run(folder, *shlex.split(waits.replace(url, cloud.url)))
        options = ("--header", f"Host: {service['alias']}:8774")
        run(folder, *shlex.split(waits.replace(url, cloud.url)), *options)
        run(folder, "minova", "status", MINOVA_URL=cloud.url)
