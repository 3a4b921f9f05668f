# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova fault``."""

import json

import pytest

from tests.unit.cmd.local_cloud import run
from tests.unit.faults.site import Site


def test_an_order_from_beginning_to_end(site: Site) -> None:
    server_id = site.server(name="web")
    order = ("action-fails", "--action", "pause", "--server", "web", "--times", "2")

    made = run("fault", "add", *order, MINOVA_URL=site.url)

    assert (made.exit_code, made.stderr) == (0, "")
    fault = made.stdout.strip()
    site.tool.act(server_id, "pause")
    site.wait_for_strike(fault)
    listed = run("fault", "list", "--project", "nobody", MINOVA_URL=site.url)
    assert listed.stdout == ""
    listed = run("fault", "list", MINOVA_URL=site.url)
    first, second = listed.stdout.splitlines()
    said = f"server={server_id} action=pause struck 1 of 2"
    assert first == f"{fault} action-fails {said}"
    (strike,) = site.fault(fault)["strikes"]
    assert second == f"  {strike['at']} {strike['request_id']} {server_id}"

    removed = run("fault", "remove", fault, MINOVA_URL=site.url)

    assert (removed.exit_code, removed.output) == (0, "")
    assert site.faults() == []


def test_the_output_for_programs(site: Site) -> None:
    made = run(
        *("fault", "add", "answer", "--status", "504", "--not-performed", "--json"),
        MINOVA_URL=site.url,
    )
    listed = run("fault", "list", "--json", MINOVA_URL=site.url)

    fault = json.loads(made.stdout)
    assert (fault["status"], fault["performed"], fault["times"]) == (504, False, 1)
    assert json.loads(listed.stdout) == [fault]


def test_clearing_a_project(site: Site) -> None:
    site.order("answer-cut", project_id="demo & co")
    eve = site.order("answer-cut", project_id="eve")

    done = run("fault", "clear", "--project", "demo & co", MINOVA_URL=site.url)

    assert done.exit_code == 0
    assert site.faults() == [eve]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "bad-luck"], 2, "'bad-luck' is not one of 'action-fails'"),
        (
            ["add", "answer-cut", "--times", "often"],
            2,
            "often is neither a positive number",
        ),
        (["add", "answer"], 1, "'status' is a required property"),
        (["add", "host-down", "--host", "x"], 1, "There is no host x."),
        (["remove", "x"], 1, "Fault x could not be found."),
    ],
)
def test_wrong_orders(site: Site, arguments: list[str], code: int, said: str) -> None:
    done = run("fault", *arguments, MINOVA_URL=site.url)

    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr


def test_nobody_there() -> None:
    done = run("fault", "list", "--url", "http://127.0.0.1:1")

    assert done.exit_code == 1
    assert "does not answer" in done.stderr
