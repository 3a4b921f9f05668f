# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova pause`` and similar commands, against ``minova up``."""

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from minova.client import bulk, finding, servers
from minova.client.bulk import Outcome
from minova.client.selection import Selection, select
from minova.client.verbs import VERBS
from minova.cmd.cli.main import main
from minova.testing.asking import Asking
from minova.vocabulary import instance_actions
from tests import functional as recorded
from tests.real_servers import wait_until
from tests.tick_image import TICK
from tests.unit.cmd.local_cloud import Up, up

MANY = 200
SEED = """
hosts: [{name: alpha}, {name: beta}]
quotas:
  - {project: admin, instances: 1000, cores: 1000, ram: 1000000}
  - {project: many, instances: 1000, cores: 1000, ram: 1000000}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    seed = tmp_path_factory.mktemp("bulk") / "seed.yaml"
    seed.write_text(SEED)
    with up("--seed", str(seed)) as cloud:
        yield cloud


def run(cloud: Up, *arguments: str, token: str = "admin:admin") -> Result:
    asks = {"MINOVA_URL": cloud.url, "OS_TOKEN": token}
    return CliRunner().invoke(main, arguments, prog_name="minova", env=asks)


def results(done: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def make(cloud: Up, name: str, *tags: str) -> str:
    """Make an active server and return its id."""
    wanted = _wanted(name) | {"networks": "none", "tags": list(tags)}
    made = cloud.admin.compute("POST", "/servers", {"server": wanted})["server"]["id"]
    wait_until(lambda: vm_state(cloud, made) == "active", 20, "it is active")
    return str(made)


def _wanted(name: str) -> dict[str, Any]:
    return {"name": name, "imageRef": TICK, "flavorRef": "42"}


def vm_state(cloud: Up, server_id: str) -> Any:
    shown = cloud.admin.compute("GET", f"/servers/{server_id}")
    return shown["server"]["OS-EXT-STS:vm_state"]


def sent(cloud: Up) -> list[str]:
    """Return the requests of the command that change a server."""
    listed = cloud.admin("GET", "/minova/v1/requests?limit=100000")["requests"]
    ours = [each for each in listed if each["user_agent"] == "minova"]
    return [each["request_id"] for each in ours if each["method"] != "GET"]


def test_accepted_requests_can_be_traced(running: Up) -> None:
    server_id = make(running, "one")

    done = run(running, "pause", "one")

    assert (done.exit_code, done.stderr) == (0, "1 accepted\n")
    said_id, name, outcome, request_id = done.stdout.split()
    assert (said_id, name, outcome) == (server_id, "one", "accepted")
    records = f"/servers/{server_id}/os-instance-actions"
    record = running.admin.compute("GET", f"{records}/{request_id}")
    assert record["instanceAction"]["action"] == "pause"


def test_a_refusal_does_not_stop_the_others(running: Up) -> None:
    first, second = make(running, "paused-before"), make(running, "to-be-paused")
    assert run(running, "pause", first, "--wait").exit_code == 0

    done = run(running, "pause", "paused-before", "to-be-paused", "--wait", "--json")

    assert done.exit_code == 1
    refused, accepted = results(done)
    assert refused["outcome"] == "refused"
    assert refused["message"] == (
        f"Cannot 'pause' instance {first} while it is in vm_state paused"
    )
    assert refused["request_id"].startswith("req-")
    assert (accepted["id"], accepted["outcome"]) == (second, "done")
    assert vm_state(running, second) == "paused"
    in_words = run(running, "pause", first)
    assert in_words.stderr.endswith(f"Why: minova trace {in_words.stdout.split()[3]}\n")


def test_a_failed_request_is_explained_by_its_record(running: Up) -> None:
    make(running, "stays")

    accepted = run(running, "migrate", "stays", "--json")
    failed = run(running, "migrate", "stays", "--wait", "--json")

    assert (accepted.exit_code, failed.exit_code) == (0, 1)
    (result,) = results(failed)
    assert result["outcome"] == "failed"
    assert "No valid host was found." in result["message"]


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_is_sent(running: Up, verb: str) -> None:
    """From ``active`` every verb is accepted, or refused with a message."""
    server_id = make(running, f"for-{verb}")

    (result,) = results(run(running, verb, server_id, "--wait", "--json"))

    entry = VERBS[verb].entry
    if isinstance(entry, instance_actions.InPlace):
        assert result["outcome"] in {"done", "failed"}
    elif "active" in entry.vm_states:
        assert result["outcome"] == "done"
    else:
        assert result["outcome"] == "refused"
        assert "while it is in vm_state active" in result["message"]


def test_the_verbs_are_the_actions_without_arguments() -> None:
    assert VERBS.keys() >= {"pause", "unpause", "suspend", "resume", "stop", "start"}
    assert VERBS.keys() >= {"reboot", "rescue", "unrescue", "lock", "unlock", "delete"}
    assert not VERBS.keys() & {"rebuild", "resize", "evacuate", "change-password"}
    assert VERBS["reboot"].value == {"type": "SOFT"}


def test_a_hard_reboot_is_another_row(running: Up) -> None:
    server_id = make(running, "rebooted")
    run(running, "stop", server_id, "--wait")

    soft = run(running, "reboot", server_id, "--wait")
    hard = run(running, "reboot", "--hard", server_id, "--wait")

    assert (soft.exit_code, hard.exit_code) == (1, 0)
    assert vm_state(running, server_id) == "active"


def test_a_password_is_printed(running: Up) -> None:
    make(running, "rescued")

    done = run(running, "rescue", "rescued")

    assert '{"adminPass": "' in done.stdout


@pytest.fixture(scope="module")
def many(running: Up) -> str:
    """The token of a user who has very many servers."""
    asking = Asking(running.url, "demo:many")
    for half in ("a", "b"):
        # Nova creates a hundred at a time.
        wanted = _wanted(f"many-{half}") | {"min_count": MANY // 2}
        asking("POST", "/v2.1/servers", {"server": wanted})

    def are_active() -> bool:
        path = "/v2.1/servers?vm_state=active&all_tenants=1&project_id=many"
        return len(running.admin("GET", path)["servers"]) == MANY

    wait_until(are_active, 60, "all are active")
    return "demo:many"


def test_two_hundred_at_once(running: Up, many: str) -> None:
    paused = run(running, "pause", "--all", "--wait", "--json", token=many)

    assert paused.exit_code == 0
    assert {each["outcome"] for each in results(paused)} == {"done"}
    ids = {each["request_id"] for each in results(paused)}
    names = [each["name"] for each in results(paused)]
    assert len(ids) == MANY
    assert names == [f"many-{half}-{n + 1}" for half in "ab" for n in range(100)]
    states = servers.every(finding.find(running.url, None), {"all_tenants": "1"})
    of_many = [each.vm_state for each in states if each.name.startswith("many-")]
    assert of_many == ["paused"] * MANY

    some = run(running, "unpause", "--name", r"^many-a-1\d$", "--wait", token=many)
    assert (some.exit_code, some.stderr) == (0, "10 done\n")


def test_all_conditions_must_hold(running: Up) -> None:
    for name in ("sel-a1", "sel-a2", "sel-b1"):
        make(running, name, "sel", name[:-1])
    hosts = {
        each.name: each.host
        for each in select(finding.find(running.url, None), Selection(tags=("sel",)))
    }
    host = str(hosts["sel-a1"])

    def chosen(*said: str) -> set[str]:
        done = run(running, "pause", "--dry-run", "--json", *said)
        assert done.exit_code == 0, done.output
        return {each["name"] for each in results(done)}

    assert chosen("--tag", "sel") == {"sel-a1", "sel-a2", "sel-b1"}
    assert chosen("--tag", "sel", "--tag", "sel-a") == {"sel-a1", "sel-a2"}
    assert chosen("--tag", "sel", "--name", "1$") == {"sel-a1", "sel-b1"}
    assert chosen("sel-a1", "sel-b1", "--name", "a") == {"sel-a1"}
    assert chosen("--tag", "sel", "--host", host) == {
        name for name, of in hosts.items() if of == host
    }
    assert chosen("--tag", "sel", "--host", "nowhere") == set()
    nobody = run(running, "pause", "--tag", "sel", "--host", "nowhere")
    assert (nobody.exit_code, nobody.stderr) == (0, "No server matches.\n")


def test_a_dry_run_sends_nothing(running: Up) -> None:
    server_id = make(running, "dry")
    before = sent(running)

    could = run(running, "pause", "dry", "--dry-run")
    could_not = run(running, "unpause", "dry", "--dry-run")

    assert could.stdout == f"{server_id}  dry  would be sent\n"
    assert could_not.stdout == f"{server_id}  dry  would be refused  vm_state active\n"
    assert (could.exit_code, could_not.exit_code) == (0, 0)
    assert 'POST /servers/ID/action {"pause": null}' in could.stderr
    assert sent(running) == before


def test_nothing_is_sent_if_a_name_cannot_be_resolved(running: Up) -> None:
    twins = {make(running, "twin"), make(running, "twin")}
    before = sent(running)

    done = run(running, "pause", "twin", "nobody", "one (1)", "many-a-1")

    assert done.exit_code == 2
    assert "2 servers are named twin: " in done.stderr
    assert all(server_id in done.stderr for server_id in twins)
    assert "There is no server nobody." in done.stderr
    assert "There is no server one (1)." in done.stderr
    assert sent(running) == before


def test_a_name_with_special_regex_characters(running: Up) -> None:
    make(running, "a+b (ü) [1]")

    assert run(running, "pause", "a+b (ü) [1]", "--wait").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--name", "["], "'[': unterminated character set"),
        ([], "Choose the servers with SERVER, --all, --host, --tag or --name."),
        (["--all", "--concurrency", "0"], "Invalid value for '--concurrency'"),
        (["--all", "--timeout", "soon"], "Invalid value for '--timeout'"),
        (["--hard", "one"], "No such option '--hard'"),
    ],
)
def test_a_wrong_command_line(running: Up, arguments: list[str], said: str) -> None:
    before = sent(running)

    done = run(running, "pause", *arguments)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert sent(running) == before


def test_a_delete_by_filter_needs_a_confirmation(running: Up) -> None:
    server_id = make(running, "deleted", "to-delete")

    no = run(running, "delete", "--tag", "to-delete")
    yes = run(running, "delete", "--tag", "to-delete", "--yes", "--wait")

    assert (no.exit_code, yes.exit_code) == (2, 0)
    assert "Without a terminal or a SERVER, delete needs --yes." in no.stderr
    assert run(running, "pause", server_id).exit_code == 2


def test_filters_that_a_user_may_not_use(running: Up, many: str) -> None:
    """If the cloud ignores a filter, the command must not choose every server."""
    host = run(running, "stop", "--host", "alpha", "--dry-run", token=many)
    everybody = run(running, "stop", "--all-projects", "--all", token=many)

    assert host.exit_code == 2
    assert "Only admins see the hosts of servers" in host.stderr
    assert everybody.exit_code == 1
    assert "Policy doesn't allow" in everybody.stderr


def test_servers_of_another_project(running: Up, many: str) -> None:
    assert many
    assert run(running, "lock", "many-a-7").exit_code == 2
    assert run(running, "lock", "many-a-7", "--all-projects").exit_code == 0


def test_a_cloud_without_tags() -> None:
    with up("--max-microversion", "2.1") as old:
        made = old.admin.compute("POST", "/servers", {"server": _wanted("old")})
        server_id = made["server"]["id"]
        wait_until(lambda: vm_state(old, server_id) == "active", 20, "it is active")

        assert run(old, "pause", "old", "--wait").exit_code == 0
        tagged = run(old, "pause", "--tag", "x")
        assert tagged.exit_code == 2
        assert "This cloud has no tags" in tagged.stderr


def test_a_cloud_that_is_away() -> None:
    done = CliRunner().invoke(main, ["pause", "--url", "http://127.0.0.1:1", "one"])

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: http://127.0.0.1:1 does not answer.\n"


def test_an_interrupted_command_reports_results(running: Up) -> None:
    """Ctrl-C: the result of each sent request is known, and the rest is not sent."""
    cloud = finding.find(running.url, None)
    found = [servers.show(cloud, make(running, f"int-{n}")) for n in range(12)]
    sending = bulk.Bulk(cloud, VERBS["pause"], found, 1)

    def interrupt(_result: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sending.send(interrupt)

    outcomes = [result.outcome for result in sending.results]
    accepted = outcomes.count(Outcome.ACCEPTED)
    assert 1 <= accepted < 12
    assert outcomes.count(Outcome.NOT_SENT) == 12 - accepted
    for result in sending.results:
        is_paused = servers.show(cloud, result.server.id).vm_state == "paused"
        assert is_paused <= (result.outcome is Outcome.ACCEPTED)


def test_pages_are_turned(running: Up) -> None:
    """A list has at most 1,000 servers; here, three."""
    made = {make(running, f"page-{number}") for number in range(8)}
    cloud = finding.find(running.url, None)

    listed = [each.id for each in servers.every(cloud, {"limit": "3"})]

    assert made <= set(listed)
    assert listed == [each.id for each in servers.every(cloud, {})]


def test_any_nova_will_do(running: Up) -> None:
    """The command uses only the Compute API and understands Nova's answers."""
    run(running, "pause", make(running, "any"), "--wait")

    listed = running.admin("GET", "/minova/v1/requests?limit=100000")["requests"]
    ours = [each["path"] for each in listed if each["user_agent"] == "minova"]
    assert ours
    assert [path for path in ours if not path.startswith("/v2.1/")] == []
    folder = pathlib.Path(recorded.__file__).parent / "recordings"
    answer = (folder / "006-show-paused-admin-2.96.txt").read_text().splitlines()[-1]
    server = servers.read(json.loads(answer)["server"])
    assert (server.vm_state, server.task_state, server.power_state) == (
        *("paused", None),
        3,
    )
    assert server.host
    assert server.tags == frozenset()
