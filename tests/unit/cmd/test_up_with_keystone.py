# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova up --identity keystone``: minova with a real Keystone, from start to end."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from keystoneauth1 import adapter, session
from keystoneauth1.identity import v3

from minova.testing import servers
from minova.testing.asking import Asking, Refused
from minova.testing.sending import send
from tests.real_servers import wait_until
from tests.tick_image import TICK
from tests.unit.cmd.local_cloud import Up, run, run_up, up
from tests.unit.cmd.test_up import SEED, SHOWN

KEYSTONE = ("--identity", "keystone")
THEIRS: dict[str, Any] = {
    "quotas": [*SEED["quotas"], {"project": "lab", "instances": 3}],
    "servers": [*SEED["servers"], {"name": "hers", "project": "lab", "user": "ann"}],
}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    file = tmp_path_factory.mktemp("seed") / "cloud.yaml"
    file.write_text(yaml.safe_dump(SEED | THEIRS))
    with up(*KEYSTONE, "--seed", str(file)) as running:
        yield running


def client(running: Up, cloud: str, service: str = "compute") -> adapter.Adapter:
    """An adapter of keystoneauth for a cloud of ``clouds.yaml``, by the catalog."""
    clouds = json.loads(pathlib.Path(running.said["clouds_yaml"]).read_text())["clouds"]
    auth = v3.Password(**clouds[cloud]["auth"])
    return adapter.Adapter(
        session.Session(auth=auth),
        service_type=service,
        region_name=clouds[cloud]["region_name"],
        raise_exc=False,
    )


def test_the_clouds_are_those_of_stack_sh(seeded: Up) -> None:
    new = {"server": {"name": "new", "flavorRef": "42", "imageRef": TICK}}
    body: dict[str, Any] = {"json": new}

    answers = {
        cloud: (
            client(seeded, cloud).get("/os-hypervisors").status_code,
            client(seeded, cloud).post("/servers", **body).status_code,
            len(client(seeded, cloud).get("/servers").json()["servers"]),
        )
        for cloud in ("minova-demo-reader", "minova-demo", "minova")
    }

    there = len(SEED["servers"])
    assert answers == {
        "minova-demo-reader": (403, 403, there),
        "minova-demo": (403, 202, there + 1),
        "minova": (200, 202, 1),
    }
    images = client(seeded, "minova-demo", "image").get("/v2/images").json()["images"]
    assert {image["name"] for image in images} == {"minova-tick", "ubuntu"}
    projects = client(seeded, "minova", "identity").get("/projects").json()["projects"]
    assert {"admin", "demo", "lab", "service"} == {each["name"] for each in projects}


def test_a_reset_brings_exactly_the_seed_back(seeded: Up) -> None:
    lab = Asking(seeded.url, "ann:lab")
    before = lab.identity.project_id
    more = Asking(seeded.url, "eve:eve")
    more.compute("GET", "/servers")

    assert run("reset", "--url", seeded.url).exit_code == 0

    assert seeded.servers() == SHOWN | {"web": "ACTIVE", "hers": "ACTIVE"}
    limits = lab.compute("GET", "/limits")["limits"]["absolute"]
    assert (limits["maxTotalInstances"], limits["totalInstancesUsed"]) == (3, 1)
    keystone = seeded.admin.keystone
    assert keystone is not None
    projects = keystone.ask("GET", "/projects")["projects"]
    assert {"admin", "demo", "lab", "service"} == {each["name"] for each in projects}
    assert before not in {each["id"] for each in projects}
    keys = Asking(seeded.url, "demo:demo").compute("GET", "/os-keypairs")["keypairs"]
    assert [each["keypair"]["name"] for each in keys] == ["mine"]


def test_a_reset_of_one_project_leaves_the_others(seeded: Up) -> None:
    before = seeded.servers()
    eve = Asking(seeded.url, "eve:eve")
    server_id = servers.create(eve, name="eves", flavorRef="42", imageRef=TICK)
    servers.lead(eve, server_id, "paused")
    key = {"name": "k", "type": "ssh", "public_key": SEED["keypairs"][0]["public_key"]}
    eve.compute("POST", "/os-keypairs", {"keypair": key})

    done = run("reset", "--project", "eve", MINOVA_URL=seeded.url)

    assert (done.exit_code, done.stderr) == (0, "")
    assert seeded.servers() == before
    assert eve.compute("GET", "/os-keypairs")["keypairs"] == []


def test_status_and_seed(seeded: Up, tmp_path: pathlib.Path) -> None:
    told = json.loads(run("status", "--json", "--url", seeded.url).stdout)
    assert told["identity_url"] == seeded.said["identity_url"]
    (tmp_path / "more.yaml").write_text(
        "servers: [{name: more, project: other, user: ben}]"
    )

    done = run("seed", "--url", seeded.url, str(tmp_path / "more.yaml"))

    assert (done.exit_code, done.stderr) == (0, "")
    ben = Asking(seeded.url, "ben:other").compute("GET", "/servers")["servers"]
    assert [server["name"] for server in ben] == ["more"]


def test_a_web_page_gets_no_token(seeded: Up) -> None:
    url = f"{seeded.said['identity_url']}/auth/tokens"
    for header in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        with pytest.raises(Refused, match="is not allowed"):
            send("POST", url, header, {})


_TESTS = """
from minova.testing.sending import send

SEEN = set()


def ask(nova, path):
    return send("GET", nova.url + path, {"X-Auth-Token": nova.token})[1]


def test_one(nova):
    server = nova.server(vm_state="paused", name="one")

    (shown,) = ask(nova, "/servers/detail")["servers"]
    assert (shown["id"], shown["status"]) == (server.id, "PAUSED")
    assert shown["tenant_id"] == nova.project_id != nova.project
    assert [sent["path"] for sent in nova.requests] == ["/v2.1/servers/detail"]
    SEEN.add(nova.project_id)


def test_another(nova):
    assert ask(nova, "/servers") == {"servers": []}
    assert nova.project_id not in SEEN
    keystone = nova._ask.keystone
    names = {each["name"] for each in keystone.ask("GET", "/projects")["projects"]}
    assert names == {"admin", "demo", "service", nova.project}
    users = {each["name"] for each in keystone.ask("GET", "/users")["users"]}
    assert users == {"admin", "demo", "demo_reader", "minova", nova.project}
"""


def test_the_fixture_has_its_own_project(tmp_path: pathlib.Path) -> None:
    (tmp_path / "test_tool.py").write_text(_TESTS)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\nminova_options = "--identity keystone"\n'
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

    assert "2 passed" in done.stdout, done.stdout + done.stderr


def _keystone_of(running: Up) -> int:
    """Return its process. minova has no other child."""
    listed = subprocess.run(
        ["pgrep", "--parent", str(running.process.pid)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(listed.stdout)


def _is_gone(pid: int) -> bool:
    """Tell whether it has ended, although it may still need to be reaped."""
    file = pathlib.Path(f"/proc/{pid}/cmdline")
    return not file.exists() or not file.read_bytes()


def test_two_clouds_end_with_all_their_processes() -> None:
    with up(*KEYSTONE) as one, up(*KEYSTONE) as other:
        pids = [_keystone_of(one), _keystone_of(other)]
        for pid in pids:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            (peak,) = (line for line in status.splitlines() if "VmHWM" in line)
            assert int(peak.split()[1]) <= 180 * 1024
        folder = pathlib.Path(one.said["clouds_yaml"]).parent
        token = one.admin.identity.token
        with pytest.raises(Refused, match="requires authentication"):
            send("GET", f"{other.url}/v2.1/servers", {"X-Auth-Token": token})
        assert one.end() < 1
        wait_until(lambda: _is_gone(pids[0]), 1, "Keystone is gone")
        assert not folder.exists()

        other.process.kill()

        wait_until(lambda: _is_gone(pids[1]), 1, "Keystone is gone")
        other.process.wait()
        shutil.rmtree(pathlib.Path(other.said["clouds_yaml"]).parent)


def test_it_ends_when_keystone_does() -> None:
    with up(*KEYSTONE) as running:
        os.kill(_keystone_of(running), signal.SIGKILL)

        _out, errors = running.process.communicate(timeout=10)

    assert running.process.returncode == 1
    assert errors == "Error: Keystone has stopped, so minova stops too\n"


def test_unusable_options(tmp_path: pathlib.Path) -> None:
    stays = run("up", *KEYSTONE, "--database", str(tmp_path / "cloud.sqlite"))
    assert stays.exit_code == 2
    assert "--identity keystone keeps no data, so --database" in stays.stderr
    logs = tmp_path / "logs"
    (logs / "keystone.log").mkdir(parents=True)
    failed = run_up(*KEYSTONE, "--log-dir", str(logs))
    assert failed.returncode == 1
    assert "Keystone stopped while starting: IsADirectoryError: " in failed.stderr
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        away = run_up(*KEYSTONE, "--keystone-port", port)
    assert away.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in away.stderr
