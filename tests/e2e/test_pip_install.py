# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""README's section on testing a tool: with pip alone, as an ordinary user."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.test_clients import VENV as CLIENTS
from tests.real_servers import folder_for

ROOT = pathlib.Path(__file__).parents[2]
USER = "nobody"
LARGEST = 150
"""MB, without pip."""
ALONE = ("libvirt", "pymysql", "keystonemiddleware")


def run(
    *command: str | pathlib.Path,
    environment: Mapping[str, str] | None = None,
    as_user: bool = False,
) -> str:
    """Run a command, which must succeed, and return its output."""
    who: dict[str, Any] = {}
    if as_user and os.geteuid() == 0:
        who = {"user": USER, "group": "nogroup", "extra_groups": []}
    done = subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin"} | dict(environment or {}),
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        **who,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return str(done.stdout)


@pytest.fixture(scope="module")
def folder() -> Iterator[pathlib.Path]:
    with folder_for(USER) as own:
        yield own


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """The pip settings of this machine, which name the package index."""
    return {
        name: value
        for name, value in os.environ.items()
        if name == "HOME" or name.startswith(("PIP_", "SSL_", "REQUESTS_"))
    }


@pytest.fixture(scope="module")
def tools(folder: pathlib.Path, settings: dict[str, str]) -> pathlib.Path:
    """A second environment with the programs ``build`` and ``uv``."""
    run(sys.executable, "-m", "venv", folder / "tools")
    pip = folder / "tools/bin/pip"
    run(pip, "install", "--quiet", "build", "uv", environment=settings)
    return folder / "tools/bin"


@pytest.fixture(scope="module")
def dist(
    folder: pathlib.Path, tools: pathlib.Path, settings: dict[str, str]
) -> pathlib.Path:
    """The folder with an sdist, and the wheel that was built from it."""
    source = folder / "source"
    source.mkdir()
    copied = ("pyproject.toml", "README.md", "LICENSE", "minova")
    run("cp", "-r", *(ROOT / name for name in copied), source)
    made = folder / "dist"
    build = (tools / "python", "-m", "build", "--outdir", made, source)
    run(*build, environment=settings)
    return made


@pytest.fixture(scope="module")
def venv(
    folder: pathlib.Path, dist: pathlib.Path, settings: dict[str, str]
) -> pathlib.Path:
    """A virtual environment with the wheel and its dependencies."""
    made = folder / "venv"
    run(sys.executable, "-m", "venv", made)
    pip = (made / "bin/pip", "--disable-pip-version-check", "--quiet")
    (wheel,) = dist.glob("minova-*.whl")
    constraints = ("--constraint", ROOT / "constraints.txt")
    binary = ("install", "--only-binary", ":all:", *constraints, wheel)
    run(*pip, *binary, environment=settings)
    return made


@pytest.fixture(scope="module")
def cloud(venv: pathlib.Path, folder: pathlib.Path) -> Iterator[dict[str, str]]:
    """The output of ``minova up`` in that environment, run by an ordinary user."""
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": USER, "group": "nogroup", "extra_groups": []}
    with subprocess.Popen(
        [venv / "bin/minova", "up", "--port", "0", "--json"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        **who,
    ) as process:
        assert process.stdout is not None
        said: dict[str, str] = json.loads(process.stdout.readline())
        try:
            yield said
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def test_the_installed_packages(venv: pathlib.Path) -> None:
    (packages,) = venv.glob("lib/python3*/site-packages")
    du = (
        "du",
        "--summarize",
        "--block-size=MB",
        "--exclude=pip",
        "--exclude=setuptools",
        # This belongs to setuptools, which Python 3.11 puts into each environment.
        "--exclude=pkg_resources",
    )

    size = int(run(*du, packages).split("MB")[0])

    assert size <= LARGEST
    names = {path.name.lower() for path in packages.iterdir()}
    assert "waitress" in names
    assert names.isdisjoint(ALONE)


def test_sdist_and_wheel_are_the_same(
    venv: pathlib.Path, dist: pathlib.Path, settings: dict[str, str]
) -> None:
    """Both give pip the same files to install."""
    (sdist,) = dist.glob("minova-*.tar.gz")
    elsewhere = dist / "of-the-sdist"
    target = ("--no-deps", "--no-compile", "--target", elsewhere)
    run(venv / "bin/pip", "install", *target, sdist, environment=settings)
    (packages,) = venv.glob("lib/python3*/site-packages")

    of_sdist, of_wheel = (
        {
            str(file.relative_to(where)): file.read_bytes()
            for file in (where / "minova").rglob("*")
            if file.is_file() and file.suffix != ".pyc"
        }
        for where in (elsewhere, packages)
    )

    assert of_sdist == of_wheel
    assert "minova/db/migrations/script.py.mako" in of_wheel


def test_keystone_is_an_extra(venv: pathlib.Path) -> None:
    done = subprocess.run(
        [venv / "bin/minova", "up", "--port", "0", "--identity", "keystone"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "needs Keystone: install minova[keystone-server]" in done.stderr


def test_uvx(folder: pathlib.Path, tools: pathlib.Path, dist: pathlib.Path) -> None:
    """With uv's own settings, in an environment that uv makes for this command."""
    (wheel,) = dist.glob("minova-*.whl")
    kept = {f"UV_{name}_DIR": str(folder / f"uv-{name}") for name in ("CACHE", "TOOL")}
    constraints = ("--no-build", "--constraints", ROOT / "constraints.txt")
    with subprocess.Popen(
        [
            *(tools / "uvx", *constraints, "--from", wheel, "minova"),
            *("up", "--port", "0", "--json"),
        ],
        env=os.environ | kept,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.send_signal(signal.SIGINT)

    assert process.returncode == 0
    assert json.loads(said)["url"].startswith("http://127.0.0.1:")


def test_a_life_by_openstackclient(cloud: dict[str, str], folder: pathlib.Path) -> None:
    def openstack(*arguments: str) -> str:
        return run(
            CLIENTS / "bin/openstack",
            *arguments,
            environment={
                "OS_CLOUD": "minova",
                "OS_CLIENT_CONFIG_FILE": cloud["clouds_yaml"],
                "HOME": str(folder),
            },
            as_user=True,
        )

    server = ("--image", "minova-tick", "--flavor", "m1.nano", "one")
    openstack("server", "create", "--wait", *server)
    for action in (("pause",), ("unpause",), ("stop",)):
        openstack("server", *action, "one")

    events = openstack("server", "event", "list", "one", "-f", "value", "-c", "Action")
    assert events.split() == ["stop", "unpause", "pause", "create"]
    shown = openstack("server", "show", "one", "-f", "value", "-c", "status")
    assert shown == "SHUTOFF\n"


def test_the_example(venv: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The cloud is in one environment and the tool in another."""
    readme = (ROOT / "README.md").read_text()
    section = readme[readme.index("## In one process") :]
    tool, test = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[:2]
    (tmp_path / "pause_idle.py").write_text(tool)
    (tmp_path / "test_pause_idle.py").write_text(test)
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\nminova_command = {venv}/bin/minova\n"
    )
    (sdk,) = CLIENTS.glob("lib/python3*/site-packages")
    paths = [str(ROOT), str(sdk)]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:gabbi"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ":".join(paths)},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr
