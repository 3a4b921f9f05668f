# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An update keeps what it does not name. null counts as named."""

import json
import pathlib
from typing import Any

import pytest
from falcon import testing

from minova.api.front.request import CONTEXT
from minova.db.api import Database
from minova.images import ImageDirectory
from tests.unit.api.conftest import caller, client_of
from tests.unit.conftest import NewServer


@pytest.fixture
def client(db: Database) -> testing.TestClient:
    return client_of(db, ImageDirectory(pathlib.Path("none")))


def _ask(
    client: testing.TestClient,
    method: str,
    path: str,
    body: Any = None,
    version: str = "latest",
) -> Any:
    answer = client.simulate_request(
        method,
        f"/v2.1{path}",
        body=None if body is None else json.dumps(body),
        headers={"OpenStack-API-Version": f"compute {version}"},
        extras={CONTEXT: caller(admin=True, project_id="admin")},
    )
    assert answer.status_code < 300, answer.text
    return answer.json if answer.content else None


def _first(shown: Any) -> Any:
    (value,) = shown.values()
    return value[0] if isinstance(value, list) else value


_ALL = {
    "name": "all",
    "description": "everything",
    "hostname": "everywhere",
    "accessIPv4": "192.0.2.7",
    "accessIPv6": "2001:db8::7",
    "OS-DCF:diskConfig": "AUTO",
    "pinned_availability_zone": "nova",
}


@pytest.mark.parametrize("named", _ALL)
def test_an_update_of_a_server(
    client: testing.TestClient, new_server: NewServer, named: str
) -> None:
    path = f"/servers/{new_server().uuid}"
    _ask(client, "PUT", path, {"server": _ALL})
    before = _first(_ask(client, "GET", path))

    _ask(client, "PUT", path, {"server": {named: _ALL[named]}})

    after = _first(_ask(client, "GET", path))
    assert after | {"updated": before["updated"]} == before
    shown = {**_ALL, "OS-EXT-SRV-ATTR:hostname": _ALL["hostname"]}
    del shown["hostname"]
    assert shown.items() <= after.items()


@pytest.mark.parametrize(
    ("lock", "version"),
    [
        (None, "2.73"),
        ({}, "2.73"),
        (None, "2.1"),
        ({"locked_reason": "not read yet"}, "2.72"),
    ],
)
def test_an_update_of_a_lock(
    client: testing.TestClient, new_server: NewServer, lock: Any, version: str
) -> None:
    path = f"/servers/{new_server().uuid}"
    reason = {"locked_reason": "first"}
    _ask(client, "POST", f"{path}/action", {"lock": reason})

    _ask(client, "POST", f"{path}/action", {"lock": lock}, version)
    locked = _first(_ask(client, "GET", path))
    _ask(client, "POST", f"{path}/action", {"unlock": None})
    unlocked = _first(_ask(client, "GET", path))

    assert (locked["locked"], locked["locked_reason"]) == (True, "first")
    assert (unlocked["locked"], unlocked["locked_reason"]) == (False, None)


def test_an_update_of_a_service(client: testing.TestClient) -> None:
    service = _first(_ask(client, "GET", "/os-services"))
    path = f"/os-services/{service['id']}"
    disabled = {"status": "disabled", "disabled_reason": "repair"}
    _ask(client, "PUT", path, disabled)

    down = _first(_ask(client, "PUT", path, {"forced_down": True}))
    again = _first(_ask(client, "PUT", path, {"status": "disabled"}))

    assert (disabled | {"forced_down": True}).items() <= down.items()
    # Here Nova treats a missing reason as none.
    assert (again["disabled_reason"], again["forced_down"]) == (None, True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/os-quota-sets/demo", "quota_set"),
        ("/os-quota-sets/demo?user_id=demo", "quota_set"),
        ("/os-quota-class-sets/default", "quota_class_set"),
    ],
)
def test_an_update_of_a_quota(client: testing.TestClient, path: str, kind: str) -> None:
    _ask(client, "PUT", path, {kind: {"cores": 7}})

    _ask(client, "PUT", path, {kind: {"ram": 1024}})

    shown = _first(_ask(client, "GET", path))
    assert (shown["cores"], shown["ram"]) == (7, 1024)


def test_an_update_of_extra_specs_and_metadata(
    client: testing.TestClient, new_server: NewServer
) -> None:
    flavor = {"name": "f", "id": "f", "ram": 128, "vcpus": 1, "disk": 1}
    flavor["description"] = "small"
    _ask(client, "POST", "/flavors", {"flavor": flavor})
    items = f"/servers/{new_server().uuid}/metadata"
    specs = "/flavors/f/os-extra_specs"
    for path, kind in ((items, "metadata"), (specs, "extra_specs")):
        _ask(client, "POST", path, {kind: {"ours:one": "1"}})

        _ask(client, "POST", path, {kind: {"ours:two": "2"}})

        shown = _first(_ask(client, "GET", path))
        assert shown == {"ours:one": "1", "ours:two": "2"}
    assert _first(_ask(client, "GET", "/flavors/f"))["description"] == "small"
