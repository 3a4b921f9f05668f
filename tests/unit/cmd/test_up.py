# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova up``: a cloud in one process, and the commands that speak to it."""

import contextlib
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from minova.testing import servers
from minova.testing.asking import Asking, Refused
from tests.tick_image import TICK
from tests.unit.cmd.local_cloud import COMMAND, Up, run, run_up, up

SEED: dict[str, Any] = {
    "hosts": [{"name": "alpha", "vcpus": 8, "zone": "north"}, {"name": "beta"}],
    "flavors": [
        {"name": "c1", "vcpus": 2, "ram": 1024, "disk": 10}
        | {"extra_specs": {"hw:cpu_policy": "shared"}}
    ],
    "images": [{"name": "ubuntu", "id": "11111111-2222-3333-4444-555555555555"}],
    "quotas": [{"project": "demo", "instances": 12}],
    "keypairs": [
        {
            "user": "demo",
            "name": "mine",
            "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE"
            "5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl demo",
        }
    ],
    "servers": [
        {"name": "web", "project": "demo", "flavor": "c1", "image": "ubuntu"}
        | {"zone": "north", "key": "mine", "tags": ["t"], "metadata": {"a": "b"}},
        *(
            {"name": state, "project": "demo", "state": state}
            for state in servers.LEADS_TO
        ),
    ],
}
SHOWN = {state: status for state, (_action, status) in servers.LEADS_TO.items()}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    file = tmp_path_factory.mktemp("seed") / "cloud.yaml"
    file.write_text(yaml.safe_dump(SEED))
    with up("--seed", str(file)) as running:
        yield running


def test_the_seed(seeded: Up) -> None:
    assert seeded.servers() == SHOWN | {"web": "ACTIVE"}
    web = next(
        server
        for server in seeded.demo.compute("GET", "/servers/detail")["servers"]
        if server["name"] == "web"
    )
    shown = {name: web[name] for name in ("key_name", "tags", "metadata")}
    assert shown == {"key_name": "mine", "tags": ["t"], "metadata": {"a": "b"}}
    assert web["OS-EXT-AZ:availability_zone"] == "north"
    assert web["flavor"]["extra_specs"] == {"hw:cpu_policy": "shared"}
    limits = seeded.demo.compute("GET", "/limits")["limits"]["absolute"]
    assert limits["maxTotalInstances"] == 12
    hosts = seeded.admin.compute("GET", "/os-hypervisors/detail")["hypervisors"]
    assert sorted(host["hypervisor_hostname"] for host in hosts) == ["alpha", "beta"]


def test_a_reset_undoes_what_was_made(seeded: Up) -> None:
    seeded.admin.compute("DELETE", "/flavors/42")
    seeded.admin.compute("POST", "/os-aggregates", {"aggregate": {"name": "more"}})
    other = Asking(seeded.url, "eve:eve")
    servers.lead(
        other,
        servers.create(other, name="more", flavorRef="1", imageRef=TICK),
        "active",
    )

    assert run("reset", "--url", seeded.url).exit_code == 0

    assert seeded.servers() == SHOWN | {"web": "ACTIVE"}
    seeded.admin.compute("GET", "/flavors/42")
    (zone,) = seeded.admin.compute("GET", "/os-aggregates")["aggregates"]
    assert zone["name"] == "north"


def test_a_reset_of_one_project_leaves_the_others(seeded: Up) -> None:
    before = seeded.servers()
    eve = Asking(seeded.url, "eve:eve")
    server_id = servers.create(eve, name="hers", flavorRef="42", imageRef=TICK)
    servers.lead(eve, server_id, "paused")
    eve.compute(
        "POST",
        "/os-keypairs",
        {
            "keypair": {
                "name": "k",
                "type": "ssh",
                "public_key": SEED["keypairs"][0]["public_key"],
            }
        },
    )

    done = run("reset", "--project", "eve", MINOVA_URL=seeded.url)

    assert (done.exit_code, done.stderr) == (0, "")
    assert seeded.servers() == before
    assert eve.compute("GET", "/os-keypairs")["keypairs"] == []
    with pytest.raises(Refused, match="could not be found"):
        seeded.admin.compute("GET", f"/servers/{server_id}/os-instance-actions")


def test_the_journal_has_exactly_what_a_tool_sent(seeded: Up) -> None:
    tool = Asking(seeded.url, "fay:fay")
    tool._headers["User-Agent"] = "a tool"
    with pytest.raises(Refused):
        tool("POST", "/v2.1/servers?x=1", {"server": {"name": "one"}})
    Asking(seeded.url, "fay:fay").compute("GET", "/servers")

    (entry,) = seeded.admin("GET", "/minova/v1/requests?project_id=fay")["requests"]

    assert entry["request_id"].startswith("req-")
    del entry["at"], entry["request_id"]
    assert entry == {
        "project_id": "fay",
        "method": "POST",
        "path": "/v2.1/servers",
        "query": "x=1",
        "microversion": None,
        "body": {"server": {"name": "one"}},
        "status": 400,
        "user_agent": "a tool",
        "faults": [],
    }


def test_the_journal_drops_the_oldest_of_large_requests() -> None:
    with up() as running:
        tool = Asking(running.url, "demo:demo")
        tool._headers["User-Agent"] = "a tool"
        for number in range(120):
            with pytest.raises(Refused):
                tool(
                    "POST", "/v2.1/servers", {"number": number, "large": "x" * 100_000}
                )

        kept = running.admin("GET", "/minova/v1/requests")["requests"]

    numbers = [each["body"]["number"] for each in kept]
    assert numbers == list(range(120))[-len(numbers) :]
    assert 75 < len(numbers) < 85


@pytest.mark.parametrize("name", ["cloud", "requests"])
def test_answers_fit_their_schemas(seeded: Up, name: str) -> None:
    schema = seeded.admin("GET", f"/minova/v1/schemas/{name}")

    Draft202012Validator(schema).validate(seeded.admin("GET", f"/minova/v1/{name}"))


def test_status(seeded: Up) -> None:
    done = run("status", "--json", "--url", seeded.url)

    told = json.loads(done.stdout)
    assert told["hosts"] == ["alpha", "beta"]
    assert told["servers"] == len(SEED["servers"])
    for file in (*told["logs"], told["database"], told["clouds_yaml"]):
        assert pathlib.Path(file).stat().st_size, file


def test_it_is_small_and_does_not_load_libvirt(seeded: Up) -> None:
    process = pathlib.Path(f"/proc/{seeded.process.pid}")
    status = dict(
        line.split(":", 1) for line in (process / "status").read_text().splitlines()
    )

    assert int(status["VmHWM"].split()[0]) <= 140 * 1024
    assert "libvirt" not in (process / "maps").read_text()


def test_each_log_has_its_lines(seeded: Up) -> None:
    n_api, n_cpu = (
        pathlib.Path(file).read_text()
        for file in seeded.admin("GET", "/minova/v1/cloud")["cloud"]["logs"]
    )

    for text, lines in ((n_api, ("Claimed for pause", "CAST")), (n_cpu, ("Pausing",))):
        for line in lines:
            assert line in text
    assert "Claimed" not in n_cpu
    assert "Pausing" not in n_api


def test_open_connections_do_not_block_other_tools(seeded: Up) -> None:
    host, port = seeded.url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as kept:
        for _ in range(1100):
            tool = http.client.HTTPConnection(host, int(port), timeout=10)
            kept.callback(tool.close)
            tool.request("GET", "/")
            assert tool.getresponse().read()

        began = time.monotonic()
        assert seeded.servers()
        assert time.monotonic() - began < 5


def test_a_second_cloud_can_stand_for_an_older_one(seeded: Up) -> None:
    options = ("--hosts", "3", "--max-microversion", "2.79", "--allowed-host", "nova")
    with up(*options) as other:
        assert other.servers() == {}
        services = other.admin.compute("GET", "/os-services")
        (root, *_rest) = other.admin("GET", "/")["versions"][::-1]
        other.demo._headers["Host"] = "nova:8774"
        assert other.demo.compute("GET", "/servers") == {"servers": []}
        other.demo.version = (2, 80)
        with pytest.raises(Refused, match=r"Version 2\.80 is not supported"):
            other.demo.compute("GET", "/servers")
        folder = pathlib.Path(other.said["clouds_yaml"]).parent
        assert folder.exists()
        assert other.end() < 1

    names = [service["host"] for service in services["services"]]
    assert names == ["host-1", "host-2", "host-3"]
    assert root["version"] == "2.79"
    assert not folder.exists()
    assert seeded.servers()


def test_a_database_that_is_kept(tmp_path: pathlib.Path) -> None:
    database, logs = tmp_path / "cloud.sqlite", tmp_path / "logs"
    options = ("--database", str(database), "--log-dir", str(logs))
    with up(*options) as first:
        server = {"name": "one", "flavorRef": "42", "imageRef": TICK}
        server_id = servers.create(first.demo, **server)
        servers.lead(first.demo, server_id, "suspended")
        again = run_up(*options)
        assert again.returncode == 1
        assert f"another minova is using {database}" in again.stderr

    away = run_up("--database", "/dev/null/x")
    assert "/dev/null/x cannot be written" in away.stderr

    with up(*options) as second:
        # The database has a heartbeat of the first process, which says "up".
        log = (logs / "n-cpu.log").read_text()
        assert log.count("Consuming from") == 2
        assert second.servers() == {"one": "SUSPENDED"}
        second.demo.compute("POST", f"/servers/{server_id}/action", {"resume": None})
        servers.lead(second.demo, server_id, "active")

    assert {file.name for file in logs.iterdir()} == {"n-api.log", "n-cpu.log"}


def test_it_ends_with_its_parent() -> None:
    with up("--end-with-stdin") as running:
        running.process.communicate("", timeout=10)

    assert running.process.returncode == 0


def _write(folder: pathlib.Path, text: str) -> str:
    (folder / "cloud.yaml").write_text(text)
    return str(folder / "cloud.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servers: [", "is not YAML"),
        ("- 1", "cloud.yaml: $: [1] is not of type 'object'"),
        ("server: []", "'server' was unexpected"),
        ("servers: [{name: x}]", "servers[0]: 'project' is a required property"),
        (
            "servers: [{name: x, project: p, state: gone}]",
            "servers[0].state: 'gone' is not one of ['active'",
        ),
        ("images: [{name: x, id: y}]", "images[0].id: 'y' does not match"),
    ],
)
def test_a_wrong_seed_file(tmp_path: pathlib.Path, text: str, said: str) -> None:
    done = run("up", "--port", "0", "--seed", _write(tmp_path, text))

    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "flavors: [{name: new, vcpus: 1, ram: 1, disk: 1}]\n"
            "servers: [{name: x, project: p, flavor: none}]",
            "servers[0].flavor: there is no flavor none",
        ),
        ("servers: [{name: x, project: p, image: none}]", "there is no image none"),
        (
            "flavors: [{name: new, vcpus: 1, ram: 1, disk: 1},"
            " {name: m1.nano, vcpus: 1, ram: 1, disk: 1}]",
            "there is already a flavor m1.nano",
        ),
    ],
)
def test_a_seed_with_unknown_names_changes_nothing(
    seeded: Up, tmp_path: pathlib.Path, text: str, said: str
) -> None:
    done = run("seed", "--url", seeded.url, _write(tmp_path, text))

    assert done.exit_code == 1
    assert said in done.stderr
    assert "new" not in str(seeded.admin.compute("GET", "/flavors"))


def test_the_clouds_error_is_shown_if_a_seed_fails(
    seeded: Up, tmp_path: pathlib.Path
) -> None:
    file = _write(tmp_path, "servers: [{name: x, project: p, zone: mars}]")

    done = run("seed", "--url", seeded.url, file)

    assert done.exit_code == 1
    assert "servers[0]: The requested availability zone is not available" in done.stderr


@pytest.mark.parametrize("version", ["2.999", "3.1", "2.0", "latest"])
def test_a_wrong_version(version: str) -> None:
    done = run("up", "--port", "0", "--max-microversion", version)

    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{version} is not in the range 2.1 to 2.104" in done.stderr


def test_repeated_hosts(tmp_path: pathlib.Path) -> None:
    file = _write(tmp_path, "hosts: [{name: alpha}]")

    done = run("up", "--port", "0", "--hosts", "2", "--seed", file)

    assert done.exit_code == 2
    assert "lists the hosts, so --hosts cannot be used" in done.stderr


def test_a_file_that_is_not_a_database(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "letter"
    file.write_text("Dear reader, " * 100)

    done = run_up("--database", str(file))

    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "is not a database of minova" in done.stderr
    assert file.read_text().startswith("Dear reader")


def test_a_used_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("up", "--port", port)

    assert done.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr


def test_no_cloud_is_running() -> None:
    done = run("status", "--url", "http://127.0.0.1:1")

    assert done.exit_code == 1
    assert "http://127.0.0.1:1 does not answer" in done.stderr


def test_the_first_answer_finds_all_hosts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = (*COMMAND, "up", "--port", str(port), "--hosts", "20", "--json")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        found = _first_answer(Asking(f"http://127.0.0.1:{port}"), "/v2.1/os-services")
        process.send_signal(signal.SIGINT)

    assert [service["state"] for service in found["services"]] == ["up"] * 20


def _first_answer(ask: Asking, path: str) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(Refused):
            return ask("GET", path)
    raise TimeoutError
