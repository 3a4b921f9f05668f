# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The fixtures ``nova_cloud`` and ``nova``, in somebody else's project."""

import os
import pathlib
import subprocess
import sys

from tests.unit.cmd.local_cloud import up

_TESTS = '''
import json
import os
import sys
import urllib.request

import pytest


def test_before():
    """pytest has loaded the plugin by now."""
    heavy = ("oslo", "falcon", "sqlalchemy", "click", "yaml", "jsonschema")
    assert "minova.testing.plugin" in sys.modules
    assert [name for name in sys.modules if name.startswith(heavy)] == []
    assert "eventlet" not in sys.modules
    ours = {name for name in sys.modules if name.startswith("minova")}
    assert ours == {"minova", "minova.testing", "minova.testing.plugin"}


def ask(nova, method, path, body=None):
    request = urllib.request.Request(
        nova.url + path, body and json.dumps(body).encode(), method=method
    )
    request.add_header("X-Auth-Token", nova.token)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


@pytest.mark.parametrize("state,status", [
    ("active", "ACTIVE"), ("paused", "PAUSED"), ("suspended", "SUSPENDED"),
    ("stopped", "SHUTOFF"), ("rescued", "RESCUE"), ("error", "ERROR"),
])
def test_states(nova, state, status):
    server = nova.server(vm_state=state, name="one", metadata={"a": "b"})

    (shown,) = ask(nova, "GET", "/servers/detail")["servers"]
    assert (shown["id"], shown["status"], shown["metadata"]) == (
        server.id, status, {"a": "b"}
    )
    assert os.environ["OS_CLOUD"] == "minova"
    assert os.environ["OS_CLIENT_CONFIG_FILE"] == str(nova.clouds_yaml)


def test_requests(nova):
    server = nova.server()
    assert nova.requests == []

    ask(nova, "POST", f"/servers/{server.id}/action", {"pause": None})

    (sent,) = nova.requests
    assert (sent["method"], sent["body"], sent["status"]) == (
        "POST", {"pause": None}, 202
    )


def test_no_such_state(nova):
    with pytest.raises(ValueError, match="vm_state asleep: not active, paused"):
        nova.server(vm_state="asleep")
    with pytest.raises(Exception, match="there is no flavor m1.huge"):
        nova.server(flavor="m1.huge")


def test_nothing_is_left(nova_cloud):
    with urllib.request.urlopen(f"{nova_cloud}/minova/v1/cloud") as answer:
        cloud = json.load(answer)["cloud"]
    assert (cloud["servers"], cloud["requests"]) == (0, 0)


def test_the_environment_is_as_before():
    assert "OS_CLIENT_CONFIG_FILE" not in os.environ
    assert not any(name.startswith(("oslo", "falcon")) for name in sys.modules)
'''


def _pytest(folder: pathlib.Path, options: str = "") -> str:
    (folder / "test_tool.py").write_text(_TESTS)
    (folder / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{options}\n")
    environment = os.environ | _without_other_plugins()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "minova.testing.plugin"],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr


def _without_other_plugins() -> dict[str, str]:
    """Others, such as gabbi's, import half of what the first test looks for."""
    return {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def test_it_is_found_by_its_entry_point() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "--trace-config", "--help"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert "minova.testing.plugin" in shown
    assert "minova_command (args)" in shown


def test_a_separate_process(tmp_path: pathlib.Path) -> None:
    said = _pytest(tmp_path, 'minova_options = "--hosts 2"')

    assert "11 passed" in said, said


def test_a_cloud_that_is_already_running(tmp_path: pathlib.Path) -> None:
    with up() as running:
        said = _pytest(tmp_path, f'minova_url = "{running.url}"')

    assert "11 passed" in said, said


def test_a_missing_command(tmp_path: pathlib.Path) -> None:
    said = _pytest(tmp_path, 'minova_command = "/nowhere/minova"')

    assert "NotStarted: /nowhere/minova: No such file or directory" in said


def test_wrong_options(tmp_path: pathlib.Path) -> None:
    said = _pytest(tmp_path, 'minova_options = "--max-microversion 2.999"')

    assert "2.999 is not in the range 2.1 to 2.104" in said
