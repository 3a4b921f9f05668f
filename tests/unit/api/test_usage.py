# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Usage of projects: by servers that run, that ended, and that never started."""

import datetime
import pathlib
from typing import Any

import pytest
import sqlalchemy as sa
from falcon import testing

from minova.api.front.request import CONTEXT
from minova.compute_api import schedule
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.images import ImageDirectory
from minova.objects.flavor import Flavor
from minova.vocabulary.vm_states import VMState
from tests.unit.api.conftest import caller, client_of
from tests.unit.conftest import context, new_instance

LARGE = Flavor(
    flavorid="9", name="large", memory_mb=512, vcpus=2, root_gb=20, ephemeral_gb=5
)
MONTH = "start=2026-10-01T00:00:00&end=2026-10-31T00:00:00"


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    return client_of(db, ImageDirectory(pathlib.Path("none")))


class Servers:
    """Makes servers that ran from a day in October 2026, perhaps until another day."""

    def __init__(self, db: Database, sql: sa.Engine) -> None:
        self._db = db
        self._sql = sql

    def ran(
        self,
        first: float | None,
        last: float | None = None,
        *,
        project_id: str = "demo",
        **values: Any,
    ) -> str:
        new = new_instance(flavor=LARGE)
        asked_by = context(project_id=project_id)
        self._db.instance_create(asked_by, new, schedule.rank, 60)
        if last is not None:
            values |= {"deleted": True, "vm_state": VMState.DELETED}
        with engine.to_write(self._sql) as connection, connection.begin():
            connection.execute(
                sa.update(instances)
                .where(instances.c.uuid == new.uuid)
                .values(
                    vm_state=values.pop("vm_state", VMState.ACTIVE),
                    launched_at=_day(first),
                    terminated_at=_day(last),
                    **values,
                )
            )
        return new.uuid


def _day(number: float | None) -> datetime.datetime | None:
    if number is None:
        return None
    return datetime.datetime(2026, 10, 1) + datetime.timedelta(days=number - 1)


@pytest.fixture
def servers(db: Database, sql: sa.Engine) -> Servers:
    return Servers(db, sql)


def _ask(
    client: testing.TestClient,
    path: str,
    *,
    version: str = "2.1",
    admin: bool = True,
    status: int = 200,
) -> Any:
    answer = client.simulate_get(
        f"/v2.1/os-simple-tenant-usage{path}",
        headers={"OpenStack-API-Version": f"compute {version}"},
        extras={CONTEXT: caller(admin=admin)},
    )
    assert answer.status_code == status, answer.text
    return answer.json


def test_one_server_of_a_project(client: testing.TestClient, servers: Servers) -> None:
    uuid = servers.ran(11, 12.5)

    usage = _ask(client, f"/demo?{MONTH}", admin=False)["tenant_usage"]

    assert usage == {
        "tenant_id": "demo",
        "server_usages": [
            {
                "hours": 36.0,
                "flavor": "large",
                "instance_id": uuid,
                "name": "one",
                "tenant_id": "demo",
                "memory_mb": 512,
                "local_gb": 25,
                "vcpus": 2,
                "started_at": "2026-10-11T00:00:00.000000",
                "ended_at": "2026-10-12T12:00:00.000000",
                "state": "terminated",
                "uptime": 36 * 3600,
            }
        ],
        "total_local_gb_usage": 36.0 * 25,
        "total_vcpus_usage": 72.0,
        "total_memory_mb_usage": 36.0 * 512,
        "total_hours": 36.0,
        "start": "2026-10-01T00:00:00.000000",
        "stop": "2026-10-31T00:00:00.000000",
    }


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        (11, 12, 24),
        (-5, 2, 24),
        (30, None, 24),
        (-5, 99, 30 * 24),
        (-5, 0.5, None),
        (-5, 1, None),
        (31, None, None),
        (31.5, None, None),
        (None, None, None),
        (None, 12, None),
    ],
)
def test_only_time_in_the_period_counts(
    client: testing.TestClient,
    servers: Servers,
    first: float | None,
    last: float | None,
    hours: float | None,
) -> None:
    servers.ran(first, last)

    usage = _ask(client, f"/demo?{MONTH}")["tenant_usage"]

    assert usage.get("total_hours") == hours


def test_a_living_server_has_a_state_and_no_end(
    client: testing.TestClient, servers: Servers
) -> None:
    servers.ran(30, vm_state=VMState.STOPPED)

    (shown,) = _ask(client, f"/demo?{MONTH}")["tenant_usage"]["server_usages"]

    assert (shown["state"], shown["ended_at"]) == ("stopped", None)
    age = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.datetime(
        2026, 10, 30
    )
    assert 0 <= age.total_seconds() - shown["uptime"] < 60


def test_all_projects(client: testing.TestClient, servers: Servers) -> None:
    servers.ran(11, 12)
    servers.ran(30)
    servers.ran(20, 21, project_id="other")

    usages = _ask(client, f"?{MONTH}")["tenant_usages"]
    detailed = _ask(client, f"?{MONTH}&detailed=1")["tenant_usages"]

    assert [(one["tenant_id"], one["total_hours"]) for one in usages] == [
        ("demo", 48.0),
        ("other", 24.0),
    ]
    assert not any("server_usages" in one for one in usages)
    assert [len(one["server_usages"]) for one in detailed] == [2, 1]
    assert _ask(client, f"?{MONTH}&detailed=true")["tenant_usages"] == usages


def test_who_may_see_usage(client: testing.TestClient) -> None:
    for path, rule in (("", "list"), ("/other", "show")):
        refused = _ask(client, path, admin=False, status=403)
        assert refused["forbidden"]["message"] == (
            f"Policy doesn't allow os_compute_api:os-simple-tenant-usage:{rule} to be "
            f"performed."
        )
    assert _ask(client, "/demo", admin=False) == {"tenant_usage": {}}


def test_a_period_ends_now_at_the_latest(
    client: testing.TestClient, servers: Servers
) -> None:
    servers.ran(11)
    before = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)

    shown = [
        _ask(client, f"/demo{query}")["tenant_usage"]
        for query in ("", "?start=2026-10-01T00:00:00&end=2999-01-01T00:00:00")
    ]

    for usage in shown:
        stop = datetime.datetime.fromisoformat(usage["stop"])
        assert datetime.timedelta(0) <= stop - before < datetime.timedelta(minutes=1)
    assert shown[0]["total_hours"] < 1 / 3600
    tomorrow = "start=2998-01-01T00:00:00&end=2999-01-01T00:00:00"
    assert _ask(client, f"/demo?{tomorrow}")["tenant_usage"]["total_hours"] == 0


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "start=2026-10-02T00:00:00&end=2026-10-01T00:00:00",
            "Invalid start time. The start time cannot occur after the end time.",
        ),
        (
            "start=2026-10-01T00:00:00&end=2026-10-01T00:00:00",
            "Invalid start time. The start time cannot occur after the end time.",
        ),
        (
            "start=2026-10-01",
            "Invalid datetime string: Datetime is in invalid format",
        ),
        ("end=x", "Invalid datetime string: Datetime is in invalid format"),
        (
            "end=2026-10-01 00:00:00",
            "Invalid datetime string: Datetime is in invalid format",
        ),
    ],
)
@pytest.mark.parametrize("path", ["", "/demo"])
def test_wrong_periods(
    client: testing.TestClient, path: str, query: str, message: str
) -> None:
    assert _ask(client, f"{path}?{query}", status=400) == {
        "badRequest": {"code": 400, "message": message}
    }


@pytest.mark.parametrize(
    "form", ["2026-10-01T00:00:00", "2026-10-01T00:00:00.5", "2026-10-01 00:00:00.25"]
)
def test_formats_of_a_time(
    client: testing.TestClient, servers: Servers, form: str
) -> None:
    servers.ran(11, 12)

    usage = _ask(client, f"/demo?start={form}")["tenant_usage"]

    assert usage["total_hours"] == 24.0
    assert usage["start"].replace("T", " ").startswith(form.replace("T", " "))


@pytest.mark.parametrize("path", ["", "/demo"])
def test_pages(client: testing.TestClient, servers: Servers, path: str) -> None:
    uuids = {servers.ran(day, day + 1 if day % 2 else None) for day in range(1, 8)}
    if not path:
        uuids |= {servers.ran(1, project_id=project) for project in "ax"}
    key = "tenant_usage" if path else "tenant_usages"
    query = f"{path}?{MONTH}&limit=3" + ("" if path else "&detailed=1")
    seen: list[str] = []
    while True:
        answer = _ask(client, query, version="2.40")
        found = answer[key] if isinstance(answer[key], list) else [answer[key]]
        seen += [
            server["instance_id"]
            for project in found
            for server in project.get("server_usages", [])
        ]
        if f"{key}_links" not in answer:
            break
        (link,) = answer[f"{key}_links"]
        assert link["rel"] == "next"
        assert f"&marker={seen[-1]}" in link["href"]
        query = link["href"].partition("/os-simple-tenant-usage")[2]

    assert len(seen) == len(uuids)
    assert set(seen) == uuids


def test_pages_have_240_servers(client: testing.TestClient, servers: Servers) -> None:
    servers.ran(1)
    for path in ("", "/demo"):
        early = _ask(client, f"{path}?{MONTH}&limit=0&marker=x", version="2.39")
        (shown,) = early.values()
        assert shown
        (none,) = _ask(client, f"{path}?{MONTH}&limit=0", version="2.40").values()
        assert not none
        refused = _ask(
            client, f"{path}?{MONTH}&limit=0&marker=x", version="2.40", status=400
        )
        assert refused["badRequest"]["message"] == "Marker x could not be found."


def test_unknown_parameters_are_refused_since_2_75(client: testing.TestClient) -> None:
    for path in ("?detailed=1&x=1", "/demo?detailed=1"):
        _ask(client, path, version="2.74")
        refused = _ask(client, path, version="2.75", status=400)
        assert (
            "Additional properties are not allowed" in refused["badRequest"]["message"]
        )
