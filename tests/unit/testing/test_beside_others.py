# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The plugin in other programs: with xdist, eventlet and old libraries.

Each test runs pytest separately, some in an environment made for them.
"""

import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.unit.cmd.local_cloud import Up, up

ROOT = pathlib.Path(__file__).parents[3]
PACKAGES = ("pytest==9.2.*", "eventlet==0.41.*", "SQLAlchemy==1.4.*")
PLUGINS = ("-p", "minova.testing.plugin", "-p", "xdist")

ASKING = """
import json
import urllib.request


def ask(nova, method, path, body=None):
    request = urllib.request.Request(
        nova.url + path, body and json.dumps(body).encode(), method=method
    )
    request.add_header("X-Auth-Token", nova.token)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or "null")
"""

SIDE_BY_SIDE = """
import os

import pytest
from asking import ask


@pytest.mark.parametrize("n", range(8))
def test_only_what_is_its_own(nova, nova_cloud, n):
    mine = nova.server(name=f"server-{n}")
    ask(nova, "POST", "/os-keypairs", {"keypair": {"name": "mine"}})
    ask(nova, "POST", f"/servers/{mine.id}/action", {"pause": None})

    listed = ask(nova, "GET", "/servers/detail")["servers"]
    assert [server["name"] for server in listed] == [f"server-{n}"]
    keys = ask(nova, "GET", "/os-keypairs")["keypairs"]
    assert [key["keypair"]["name"] for key in keys] == ["mine"]
    sent = [(one["method"], one["path"].split("/")[2]) for one in nova.requests]
    assert sent == [
        ("POST", "os-keypairs"), ("POST", "servers"),
        ("GET", "servers"), ("GET", "os-keypairs"),
    ]
    with open("used.txt", "a") as file:
        file.write(f"{os.environ['PYTEST_XDIST_WORKER']} {nova_cloud}\\n")
"""

LEFT_ALONE = """
import logging
import sys

MODULES = set(sys.modules)
LOGGERS = set(logging.root.manager.loggerDict)


def test_the_fixture_is_used(nova):
    assert nova.server().id


def test_the_program_is_as_it_was():
    new = {name for name in sys.modules if name not in MODULES}
    tops = {name.split(".")[0] for name in new}
    assert tops <= {"minova", "_pytest", *sys.stdlib_module_names}
    ours = [name for name in sys.modules if name.startswith("minova.")]
    assert {name.split(".")[1] for name in ours} == {"testing"}
    assert None not in sys.modules.values()

    assert set(logging.root.manager.loggerDict) == LOGGERS
    assert logging.root.level == logging.WARNING
    kinds = {type(handler).__module__ for handler in logging.root.handlers}
    assert kinds <= {"_pytest.logging"}
"""

MONKEY_PATCHED = """
import eventlet
eventlet.monkey_patch()
"""

WITH_EVENTLET = """
import eventlet
from asking import ask
from eventlet import patcher


def test_a_tool_of_green_threads(nova):
    assert patcher.is_monkey_patched("socket")
    assert patcher.is_monkey_patched("thread")
    servers = [nova.server(name=f"server-{n}") for n in range(3)]

    def pause(server):
        ask(nova, "POST", f"/servers/{server.id}/action", {"pause": None})
        with eventlet.Timeout(30):
            while True:
                shown = ask(nova, "GET", f"/servers/{server.id}")["server"]
                if shown["status"] == "PAUSED":
                    return shown["name"]
                eventlet.sleep(0.01)

    assert set(eventlet.GreenPool().imap(pause, servers)) == {
        "server-0", "server-1", "server-2"
    }
"""

WITH_SQLALCHEMY = """
import importlib.util

import sqlalchemy
from asking import ask


def test_a_tool_that_keeps_what_it_saw(nova):
    assert sqlalchemy.__version__.startswith("1.4.")
    assert importlib.util.find_spec("oslo_config") is None
    nova.server("paused", name="one")
    engine = sqlalchemy.create_engine("sqlite://")
    engine.execute("CREATE TABLE seen (name TEXT, status TEXT)")

    for one in ask(nova, "GET", "/servers/detail")["servers"]:
        engine.execute("INSERT INTO seen VALUES (?, ?)", one["name"], one["status"])

    assert engine.execute("SELECT * FROM seen").fetchall() == [("one", "PAUSED")]
"""


def run(
    folder: pathlib.Path,
    ini: str,
    *options: str,
    python: str | pathlib.Path = sys.executable,
    **files: str,
) -> str:
    """Run pytest in a folder with some files and return its output."""
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    for name, text in ({"asking": ASKING} | files).items():
        (folder / f"{name}.py").write_text(text)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", *options],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=250,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def cloud() -> Iterator[Up]:
    with up() as running:
        yield running


def used(folder: pathlib.Path) -> tuple[set[str], set[str]]:
    """Return which workers there were, and which clouds."""
    lines = (folder / "used.txt").read_text().splitlines()
    workers, clouds = zip(*(line.split() for line in lines), strict=True)
    return set(workers), set(clouds)


def test_a_cloud_for_each_worker(tmp_path: pathlib.Path) -> None:
    said = run(tmp_path, "", *PLUGINS, "-n", "2", test_it=SIDE_BY_SIDE)

    assert "8 passed" in said, said
    assert list(map(len, used(tmp_path))) == [2, 2]


def test_one_cloud_for_all_workers(cloud: Up, tmp_path: pathlib.Path) -> None:
    ini = f"minova_url = {cloud.url}"

    said = run(tmp_path, ini, *PLUGINS, "-n", "2", test_it=SIDE_BY_SIDE)

    assert "8 passed" in said, said
    assert list(map(len, used(tmp_path))) == [2, 1]
    assert cloud.servers() == {}


def test_the_program_is_not_changed(cloud: Up, tmp_path: pathlib.Path) -> None:
    ini = f"minova_url = {cloud.url}"

    said = run(tmp_path, ini, *PLUGINS, test_it=LEFT_ALONE)

    assert "2 passed" in said, said


def test_beside_eventlet(tmp_path: pathlib.Path) -> None:
    files = {"conftest": MONKEY_PATCHED, "test_it": WITH_EVENTLET}

    said = run(tmp_path, "", *PLUGINS, **files)

    assert "1 passed" in said, said


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The Python of an environment with other libraries, and minova without its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    source = folder / "source"
    source.mkdir()
    copied = ("pyproject.toml", "README.md", "LICENSE", "minova")
    subprocess.run(["cp", "-r", *(ROOT / name for name in copied), source], check=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    install = (folder / "venv/bin/pip", "--disable-pip-version-check", "install")
    subprocess.run([*install, "--quiet", *PACKAGES], check=True)
    subprocess.run([*install, "--quiet", "--no-deps", source], check=True)
    return folder / "venv/bin/python"


@pytest.mark.campaign
@pytest.mark.parametrize("where", ["command", "url"])
def test_in_another_environment(
    where: str, cloud: Up, elsewhere: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """It has neither minova's libraries nor the versions that minova needs."""
    command = f"env PYTHONPATH={ROOT} {sys.executable} -P -m minova"
    ini = {"command": f"minova_command = {command}", "url": f"minova_url = {cloud.url}"}
    files = {
        "conftest": MONKEY_PATCHED,
        "test_eventlet": WITH_EVENTLET,
        "test_sqlalchemy": WITH_SQLALCHEMY,
    }

    plugin = PLUGINS[:2]
    said = run(tmp_path, ini[where], *plugin, python=elsewhere, **files)

    assert "2 passed" in said, said
