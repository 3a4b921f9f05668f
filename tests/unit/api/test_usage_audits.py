# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-instance_usage_audit_log: no host runs audits, and how the month is chosen."""

import datetime
import pathlib
from typing import Any
from urllib import parse

import pytest
from falcon import testing

from minova.api.front.request import CONTEXT
from minova.db.api import Database
from minova.images import ImageDirectory
from tests.unit.api.conftest import caller, client_of
from tests.unit.conftest import HOST

PATH = "/v2.1/os-instance_usage_audit_log"


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    return client_of(db, ImageDirectory(pathlib.Path("none")))


def _ask(
    client: testing.TestClient, path: str = "", *, admin: bool = True, status: int = 200
) -> Any:
    answer = client.simulate_get(
        PATH + parse.quote(path), extras={CONTEXT: caller(admin=admin)}
    )
    assert answer.status_code == status, answer.text
    return answer.json


def test_no_host_has_run_an_audit(client: testing.TestClient) -> None:
    (shown,) = _ask(client).values()

    begin, end = (
        datetime.datetime.fromisoformat(shown.pop(f"period_{name}"))
        for name in ("beginning", "ending")
    )
    assert begin.day == end.day == 1
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    assert end < now < end + datetime.timedelta(days=32)
    assert shown == {
        "num_hosts": 1,
        "num_hosts_done": 0,
        "num_hosts_running": 0,
        "num_hosts_not_run": 1,
        "hosts_not_run": [HOST],
        "total_instances": 0,
        "total_errors": 0,
        "overall_status": "0 of 1 hosts done. 0 errors.",
        "log": {},
    }


def test_without_hosts_all_have_run_one(
    client: testing.TestClient, db: Database
) -> None:
    db.service_delete(db.service_list(60)[0])

    (shown,) = _ask(client).values()

    assert shown["overall_status"] == "ALL hosts done. 0 errors."


@pytest.mark.parametrize(
    ("before", "begin", "end"),
    [
        ("2026-11-28 19:00:00", "2026-10-01 00:00:00", "2026-11-01 00:00:00"),
        ("2026-03-01 00:00:00.5", "2026-02-01 00:00:00", "2026-03-01 00:00:00"),
        ("2026-03-01 00:00:00", "2026-01-01 00:00:00", "2026-02-01 00:00:00"),
        ("2026-01-01 00:00:00", "2025-11-01 00:00:00", "2025-12-01 00:00:00"),
        ("2026-01-15 00:00:00", "2025-12-01 00:00:00", "2026-01-01 00:00:00"),
    ],
)
def test_the_month_before_a_time(
    client: testing.TestClient, before: str, begin: str, end: str
) -> None:
    shown = _ask(client, f"/{before}")["instance_usage_audit_log"]

    assert (shown["period_beginning"], shown["period_ending"]) == (begin, end)


@pytest.mark.parametrize("before", ["my_time", "2026-11-28", "0001-01-15 00:00:00"])
def test_wrong_times(client: testing.TestClient, before: str) -> None:
    assert _ask(client, f"/{before}", status=400)["badRequest"]["message"] == (
        f"Invalid timestamp for date {before}"
    )


@pytest.mark.parametrize(
    ("path", "rule"), [("", "list"), ("/2026-11-28 19:00:00", "show")]
)
def test_only_admins_may_see_it(
    client: testing.TestClient, path: str, rule: str
) -> None:
    refused = _ask(client, path, admin=False, status=403)

    assert refused["forbidden"]["message"] == (
        f"Policy doesn't allow os_compute_api:os-instance-usage-audit-log:{rule} to be "
        f"performed."
    )
