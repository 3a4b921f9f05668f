# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Wrong answers, in the formats of Nova and of proxies."""

import http.client
import json
import time
from typing import Any
from urllib import parse

import pytest
import requests

from tests.unit.faults.site import Site

_IDS = {"X-Openstack-Request-Id", "X-Compute-Request-Id"}


def test_too_many_requests(site: Site) -> None:
    fault = site.order("answer", status=429, retry_after=7, project_id="demo")

    answer = site.tool.ask("GET", "/servers")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json() == {
        "overLimit": {
            "code": 429,
            "message": "This request was rate-limited.",
            "retryAfter": "7",
        }
    }
    (entry,) = site.journal()
    assert (entry["status"], entry["faults"]) == (429, [fault])
    (strike,) = site.fault(fault)["strikes"]
    assert answer.headers["x-openstack-request-id"] == strike["request_id"]
    assert site.tool.ask("GET", "/servers").status_code == 200


def test_an_error_of_n_api(site: Site) -> None:
    fault = site.order("answer", status=500)

    answer = site.tool.create()

    (strike,) = site.fault(fault)["strikes"]
    said = f"The log of n-api explains it: {strike['request_id']}."
    assert answer.status_code == 500
    assert answer.json() == {
        "computeFault": {"code": 500, "message": f"Unexpected API Error. {said}"}
    }
    (n_api, _n_cpu) = site.admin("GET", "/minova/v1/cloud")["cloud"]["logs"]
    with open(n_api, encoding="utf-8") as log:
        lines = [line for line in log if strike["request_id"] in line]
    assert any("WARNING" in line and fault in line for line in lines), lines
    assert site.tool.ask("GET", "/servers").json() == {"servers": []}


@pytest.mark.parametrize(
    ("status", "title", "said"),
    [
        (
            502,
            "502 Bad Gateway",
            "The server returned an invalid or incomplete response.",
        ),
        (
            503,
            "503 Service Unavailable",
            "No server is available to handle this request.",
        ),
        (504, "504 Gateway Time-out", "The server didn't respond in time."),
    ],
)
def test_a_proxy_answers(site: Site, status: int, title: str, said: str) -> None:
    site.order("answer", status=status)

    answer = site.tool.ask("GET", "/servers")

    assert answer.status_code == status
    assert answer.text == f"<html><body><h1>{title}</h1>\n{said}\n</body></html>\n"
    assert answer.headers["Content-Type"] == "text/html"
    assert not {name.title() for name in answer.headers} & _IDS
    assert "OpenStack-API-Version" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "done"),
    [
        ({"status": 504}, True),
        ({"status": 504, "performed": False}, False),
        ({"status": 503}, False),
        ({"status": 500, "performed": True}, True),
    ],
)
def test_a_request_is_done_or_not_as_ordered(
    site: Site, asked: dict[str, Any], done: bool
) -> None:
    site.order("answer", action="create", **asked)

    assert site.tool.create().status_code == asked["status"]

    servers = site.tool.ask("GET", "/servers").json()["servers"]
    assert [server["name"] for server in servers] == (["one"] if done else [])


def test_a_token_expires(site: Site) -> None:
    """With keystonemiddleware's message. n-api's own URL stands for Keystone's."""
    site.order("token-expires", project_id="demo")

    answer = site.tool.ask("GET", "/servers")

    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "code": 401,
            "title": "Unauthorized",
            "message": "The request you have made requires authentication.",
        }
    }
    assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{site.url}"'
    assert site.tool.ask("GET", "/servers").status_code == 200


def test_a_late_answer(site: Site) -> None:
    server_id = site.server()
    site.order("answer-late", seconds=0.7, action="pause")
    began = time.monotonic()

    assert site.tool.act(server_id, "pause").status_code == 202

    assert 0.7 <= time.monotonic() - began < 5
    site.tool.wait_for(server_id, "PAUSED")


def test_the_request_of_an_impatient_client_is_done(site: Site) -> None:
    server_id = site.server()
    site.order("answer-late", seconds=30, action="pause")
    url = f"{site.url}/v2.1/servers/{server_id}/action"

    with pytest.raises(requests.Timeout):
        requests.post(url, json={"pause": None}, headers=site.tool.headers, timeout=0.3)

    site.tool.wait_for(server_id, "PAUSED")


@pytest.mark.parametrize(
    ("action", "promised"), [("pause", 2), ("delete", 2), (None, None)]
)
def test_a_truncated_answer(
    site: Site, action: str | None, promised: int | None
) -> None:
    server_id = site.server()
    site.order("answer-cut")
    connection = http.client.HTTPConnection(parse.urlsplit(site.url).netloc)
    path = f"/v2.1/servers/{server_id}"
    if action == "delete":
        connection.request("DELETE", path, headers=site.tool.headers)
    elif action:
        body = json.dumps({action: None})
        headers = site.tool.headers | {"Content-Type": "application/json"}
        connection.request("POST", f"{path}/action", body, headers)
    else:
        connection.request("GET", path, headers=site.tool.headers)

    answer = connection.getresponse()
    length = int(answer.headers["Content-Length"])
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()

    assert promised in (None, length)
    assert len(cut.value.partial) == length // 2
    (n_api, _n_cpu) = site.admin("GET", "/minova/v1/cloud")["cloud"]["logs"]
    with open(n_api, encoding="utf-8") as log:
        assert "Traceback" not in log.read()
    connection.close()
    if action:
        site.tool.wait_for(server_id, {"pause": "PAUSED", "delete": "GONE"}[action])


def test_an_answer_that_is_late_truncated_and_wrong(site: Site) -> None:
    site.order("answer-late", seconds=0.3)
    site.order("answer", status=503)
    site.order("answer-cut")
    began = time.monotonic()

    with pytest.raises(requests.RequestException):
        site.tool.ask("GET", "/servers")

    assert time.monotonic() - began >= 0.3
    assert len(site.journal()[0]["faults"]) == 3


@pytest.mark.parametrize(
    ("selected", "struck"),
    [
        ({"method": "DELETE"}, ["DELETE"]),
        ({"path": "/servers"}, ["GET", "POST"]),
        ({"path": "/servers/*"}, ["DELETE", "PAUSE"]),
        ({"path": "/flavors*"}, []),
        ({"method": "POST", "path": "/servers/*/action"}, ["PAUSE"]),
        ({"action": "create"}, ["POST"]),
        ({"action": "pause"}, ["PAUSE"]),
        ({"action": "delete"}, ["DELETE"]),
        ({"server": "one"}, ["DELETE", "PAUSE"]),
        ({"server": "other"}, []),
        ({"server": "one", "action": "pause"}, ["PAUSE"]),
        ({"server": "one", "action": "create"}, ["POST"]),
        ({"project_id": "demo"}, ["DELETE", "GET", "PAUSE", "POST"]),
        ({"project_id": "eve"}, []),
    ],
)
def test_which_answers_are_struck(
    site: Site, selected: dict[str, str], struck: list[str]
) -> None:
    server_id = site.server()
    if selected.get("server") == "other":
        site.server(name="other")
    site.order("answer", status=503, times="always", **selected)

    asked = {
        "GET": site.tool.ask("GET", "/servers?limit=1"),
        "POST": site.tool.create(),
        "PAUSE": site.tool.ask(
            "POST", f"/demo/servers/{server_id}/action", {"pause": None}
        ),
        "DELETE": site.tool.act(server_id, "delete"),
    }

    found = [name for name, answer in asked.items() if answer.status_code == 503]
    assert sorted(found) == struck


def test_minovas_own_requests_are_not_struck(site: Site) -> None:
    fault = site.order("answer", status=503, times="always")

    site.server()

    assert site.fault(fault)["struck"] == 0
    assert requests.get(f"{site.url}/healthcheck", timeout=5).status_code == 200


@pytest.mark.parametrize("seed", [7, 8])
def test_the_same_seed_gives_the_same_choices(site: Site, seed: int) -> None:
    def draw() -> list[int]:
        fault = site.order(
            "answer", status=503, probability=0.5, seed=seed, times="always"
        )
        drawn = [site.tool.ask("GET", "/flavors").status_code for _ in range(20)]
        facts = site.fault(fault)
        assert (facts["met"], facts["struck"]) == (20, drawn.count(503))
        site.take_back(fault)
        return drawn

    first = draw()

    assert draw() == first
    assert {200, 503} == set(first)


def test_a_fault_that_strikes_three_times(site: Site) -> None:
    site.order("answer", status=429, times=3)

    drawn = [site.tool.ask("GET", "/flavors").status_code for _ in range(5)]

    assert drawn == [429, 429, 429, 200, 200]
