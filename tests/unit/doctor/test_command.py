# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova doctor`` with little to look at."""

import json
import os
import pathlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import Result
from rich.console import Console

from minova.client import finding
from minova.db import migrate
from minova.db.connection import engine
from minova.doctor import coloured, deployment, shown
from minova.doctor.deployment import Deployment
from minova.doctor.findings import NotLooked
from tests.real_servers import free_port, wait_until
from tests.tick_image import TICK
from tests.unit.cmd.local_cloud import Up, run, up

RECORDED = pathlib.Path(__file__).with_name("recorded.json")
NOBODY = 65534


@pytest.fixture(scope="module")
def running() -> Iterator[Up]:
    with up() as cloud:
        yield cloud


@pytest.fixture(autouse=True)
def _no_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ignore a deployment of this machine."""
    monkeypatch.setattr(deployment, "USUAL", pathlib.Path("/none/minova.conf"))


def _doctor(*arguments: str, file: pathlib.Path | None = None) -> Result:
    said = ["--config-file", str(file)] if file else []
    return run("doctor", *said, *arguments)


def _kinds(done: Result) -> list[str]:
    return [each["kind"] for each in json.loads(done.stdout)["findings"]]


@pytest.fixture
def options(tmp_path: pathlib.Path) -> pathlib.Path:
    """The options of a deployment that has only a database."""
    file = tmp_path / "minova.conf"
    file.write_text(
        f"[DEFAULT]\nhost = host-1\nstate_path = {tmp_path}\n"
        f"transport_url = rabbit://u:p@127.0.0.1:{free_port()}/minova\n"
        f"[database]\nconnection = sqlite:///{tmp_path}/minova.sqlite\n"
        "[compute]\ndriver = fake\n"
    )
    return file


def test_a_cloud_in_one_process(running: Up) -> None:
    server = {"name": "web", "imageRef": TICK, "flavorRef": "1", "networks": "none"}
    running.admin.compute("POST", "/servers", {"server": server})
    wait_until(lambda: running.servers() == {"web": "ACTIVE"}, 10, "it is ACTIVE")

    done = _doctor("--url", running.url, "--json")

    assert done.exit_code == 0, done.stdout
    told = json.loads(done.stdout)
    assert told["not_looked"][0]["why"] == "there is no /none/minova.conf here"
    done = _doctor("--url", running.url, "web")
    assert done.exit_code == 0
    assert "Why: It is ACTIVE, and nothing holds it.\n" in done.stdout
    assert "  host: host-1 is up, last heartbeat " in done.stdout


def test_an_unknown_server(running: Up) -> None:
    done = _doctor("--url", running.url, "nope")

    assert (done.exit_code, done.stderr) == (3, "Error: There is no server nope.\n")


def test_a_user_may_not_see_hosts(running: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", running.said["clouds_yaml"])

    done = _doctor("--os-cloud", "minova-demo")

    assert done.exit_code == 0
    assert "not looked at compute hosts: only an admin may see them." in done.stdout


def test_n_api_is_away() -> None:
    done = _doctor("--url", f"http://127.0.0.1:{free_port()}", "--json")

    assert (done.exit_code, _kinds(done)) == (1, ["api-away"])


def test_no_n_api_is_expected(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a compute host without a clouds.yaml there may be no n-api."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(finding, "USUAL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setattr(finding, "_FILES", ())

    done = _doctor()

    assert done.exit_code == 3
    assert "not looked at n-api: no cloud is named, and nobody answers" in done.stdout
    assert "Nothing wrong was found" not in done.stdout
    assert done.stderr == "Error: Nothing could be looked at.\n"


def test_a_missing_file() -> None:
    done = _doctor(file=pathlib.Path("/none/minova.conf"))

    assert done.exit_code == 2
    assert "File '/none/minova.conf' does not exist." in done.stderr


def test_an_api_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        done = _doctor("--url", f"http://127.0.0.1:{silent.getsockname()[1]}", "--json")

    assert (done.exit_code, _kinds(done)) == (1, ["api-silent"])
    assert time.monotonic() - began < 8


def test_a_keystone_that_is_away(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clouds.yaml"
    auth = {
        "auth_url": f"http://127.0.0.1:{free_port()}/v3",
        "username": "demo",
        "password": "demo",
        "project_name": "demo",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    file.write_text(json.dumps({"clouds": {"mine": {"auth": auth}}}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))

    done = _doctor("--os-cloud", "mine", "--json")

    assert (done.exit_code, _kinds(done)) == (1, ["keystone-away"])


def test_unusable_options(options: pathlib.Path, running: Up) -> None:
    options.write_text("[compute]\nsettle_interval = soon\n")

    done = _doctor("--url", running.url, "--json", file=options)

    assert (done.exit_code, _kinds(done)) == (1, ["options-wrong"])


def test_an_unreadable_file(options: pathlib.Path) -> None:
    options.chmod(0)
    # Root may read everything.
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        read = deployment.read(options)
    finally:
        os.seteuid(before)

    assert isinstance(read, NotLooked)
    assert read.how == "sudo minova doctor"


def test_no_host_and_no_broker(options: pathlib.Path) -> None:
    read = deployment.read(options)
    assert isinstance(read, Deployment)
    migrate.sync(engine.create(read.conf))

    done = _doctor("--url", "http://127.0.0.1:1", "--json", file=options)

    assert (done.exit_code, _kinds(done)) == (1, ["broker-away", "api-away", "no-host"])
    said = done.stdout + done.stderr
    assert "u:p" not in said


def test_no_libvirt_is_expected_where_no_n_cpu_ever_ran(options: pathlib.Path) -> None:
    options.write_text(options.read_text().replace("driver = fake", ""))

    done = _doctor("--url", "http://127.0.0.1:1", "--json", file=options)

    assert "libvirt-away" not in _kinds(done)
    (why,) = (
        each["why"]
        for each in json.loads(done.stdout)["not_looked"]
        if each["subject"] == "libvirt"
    )
    assert why == "no n-cpu has run here"


def test_fix_makes_tables_and_reports_it(options: pathlib.Path) -> None:
    (options.parent / "minova.sqlite").touch()
    before = _doctor("--url", "http://127.0.0.1:1", "--json", file=options)
    assert "schema-missing" in _kinds(before)

    done = _doctor("--url", "http://127.0.0.1:1", "--json", "--fix", file=options)

    assert done.stderr.splitlines() == [
        "Repairing: The database has no tables. (makes the tables)",
        "schema-missing: makes the tables: done",
    ]
    told = json.loads(done.stdout)
    assert [each["done"] for each in told["fixed"]] == [True]
    assert "schema-missing" not in _kinds(done)


def test_a_terminal_shows_the_same_as_a_pipe() -> None:
    """A terminal shows all that a pipe gets, except the request ids of records."""
    told: dict[str, Any] = json.loads(RECORDED.read_text())
    console = Console(width=400, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    coloured.show(told, console)
    text = console.export_text()

    assert told["server"]["why"] in text
    for each in told["findings"]:
        for key in ("kind", "what", "by_itself", "repair"):
            assert each[key] in text
    plain = "\n".join(shown.plain(told))
    for each in (*told["findings"], *told["seen"]):
        assert each["what"] in text
        assert each["what"] in plain
    for each in told["not_looked"]:
        assert each["why"] in text
        assert each["how"] in plain
