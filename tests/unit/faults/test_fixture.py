# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``nova.fault``, used in another project."""

import os
import pathlib
import subprocess
import sys

from tests.unit.faults.site import Site

_TESTS = """
import json
import sys
import urllib.error
import urllib.request

import pytest

left = []


def ask(nova, method, path, body=None, token=None):
    request = urllib.request.Request(
        nova.url + path, body and json.dumps(body).encode(), method=method
    )
    request.add_header("X-Auth-Token", token or nova.token)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def faults(nova_cloud):
    with urllib.request.urlopen(f"{nova_cloud}/minova/v1/faults") as answer:
        return json.load(answer)["faults"]


def test_it_is_for_its_project(nova):
    fault = nova.fault("answer", status=503, times="always")

    assert ask(nova, "GET", "/servers") == 503
    assert ask(nova, "GET", "/servers", token="eve:eve") == 200

    assert fault.struck == 1
    assert fault.facts["project_id"] == nova.project
    assert fault.strikes[0]["request_id"] == nova.requests[0]["request_id"]
    fault.remove()
    fault.remove()
    assert ask(nova, "GET", "/servers") == 200
    nova.server()


def test_a_fault_in_a_block(nova):
    with nova.fault("answer", status=503, times="always") as fault:
        assert ask(nova, "GET", "/servers") == 503
        left.append(fault.id)
    assert ask(nova, "GET", "/servers") == 200


def test_for_everybody(nova):
    nova.fault("answer", status=500, times="always", path="/servers", everywhere=True)
    nova.fault("host-down", host="host-2")
    nova.fault("action-hangs", action="create", times="always")

    assert ask(nova, "GET", "/servers", token="eve:eve") == 500
    ask(nova, "POST", "/servers", {"server": {
        "name": "x", "flavorRef": "42",
        "imageRef": "8cc68639-c302-441d-9aab-b493b94f7f6e",
    }})


def test_nothing_is_left(nova_cloud):
    assert left
    assert faults(nova_cloud) == []
    with urllib.request.urlopen(f"{nova_cloud}/v2.1/os-services") as answer:
        services = json.load(answer)["services"]
    assert {service["state"] for service in services} == {"up"}


def test_what_is_wrong(nova):
    with pytest.raises(Exception, match="'bad-luck' is not one of"):
        nova.fault("bad-luck")
    with pytest.raises(Exception, match="There is no server x in project test-"):
        nova.fault("guest-crashes", server="x")


def test_the_plugin_is_still_light():
    heavy = ("oslo", "falcon", "sqlalchemy", "click", "yaml", "jsonschema")
    assert [name for name in sys.modules if name.startswith(heavy)] == []
"""


def test_the_fixture(site: Site, tmp_path: pathlib.Path) -> None:
    (tmp_path / "test_tool.py").write_text(_TESTS)
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

    assert "6 passed" in done.stdout, done.stdout + done.stderr
