# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A deferred delete as users see it, and how it is undone."""

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import webob
from falcon import testing

from tests.real_servers import wait_until
from tests.tick_image import TICK
from tests.unit import one_process
from tests.unit.one_process import Cloud

_ADMIN = "admin:demo"


@pytest.fixture(scope="module")
def deferring(
    migrated: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    """A cloud whose deleted servers can be restored for an hour."""
    folder = tmp_path_factory.mktemp("deferring") / "cloud"
    option = "reclaim_instance_interval = 3600"
    with one_process.running(folder, migrated, option) as running:
        yield running


@pytest.fixture
def server_id(deferring: Cloud) -> str:
    return deferring.create_server()


@pytest.fixture
def deleted(deferring: Cloud, server_id: str) -> str:
    """A server that is soft-deleted."""
    assert deferring.delete(server_id).status_code == 204
    deferring.wait_for(server_id, "SOFT_DELETED")
    return server_id


def _found(cloud: Cloud, query: str, token: str = _ADMIN) -> set[str]:
    answer = cloud.ask("GET", f"/servers{query}", token=token)
    assert answer.status_code == 200, answer.text
    return {server["id"] for server in answer.json["servers"]}


def _records(cloud: Cloud, server_id: str) -> list[tuple[str, str, str]]:
    """Return action, event and result, the newest first."""
    path = f"/servers/{server_id}/os-instance-actions"
    shown = cloud.ask("GET", path, token=_ADMIN, version="2.21").json
    found = []
    for action in shown["instanceActions"]:
        one = cloud.ask(
            "GET", f"{path}/{action['request_id']}", token=_ADMIN, version="2.21"
        ).json["instanceAction"]
        found += [(one["action"], e["event"], e["result"]) for e in one["events"]]
    return found


def _is_gone(cloud: Cloud, server_id: str) -> bool:
    return cloud.ask("GET", f"/servers/{server_id}").status_code == 404


def _said(answer: testing.Result | webob.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    (fault,) = answer.json.values()
    return fault["message"]


def test_a_deleted_server_is_shown_with_its_guest_off(
    deferring: Cloud, deleted: str
) -> None:
    shown = deferring.show(deleted)

    assert shown["OS-EXT-STS:vm_state"] == "soft-delete"
    assert shown["OS-EXT-STS:power_state"] == 4
    assert shown["OS-SRV-USG:terminated_at"] is None
    deleting = ("delete", "compute_soft_delete_instance", "Success")
    assert _records(deferring, deleted)[0] == deleting


@pytest.mark.parametrize(
    ("query", "token", "is_found"),
    [
        ("", _ADMIN, False),
        ("", "demo:demo", False),
        ("?status=SOFT_DELETED", "demo:demo", False),
        ("?status=SOFT_DELETED", _ADMIN, False),
        ("?soft_deleted=True", _ADMIN, True),
        ("?soft_deleted=False", _ADMIN, True),
        ("?soft_deleted=", _ADMIN, False),
        ("?soft_deleted=True", "demo:demo", False),
        ("?soft_deleted=True&status=SOFT_DELETED", _ADMIN, True),
        ("?soft_deleted=True&status=ACTIVE", _ADMIN, False),
        ("?deleted=True", _ADMIN, True),
        ("?deleted=True", "demo:demo", False),
        ("?deleted=True&status=soft_deleted", _ADMIN, True),
        ("?deleted=True&soft_deleted=", _ADMIN, False),
        ("?status=DELETED", _ADMIN, False),
        ("?changes-since=2020-01-01T00:00:00Z", "demo:demo", True),
    ],
)
def test_lists_show_it_where_novas_do(
    deferring: Cloud, deleted: str, query: str, token: str, is_found: bool
) -> None:
    """In Nova, ``soft_deleted`` is a text, and any text that is not empty means yes."""
    assert (deleted in _found(deferring, query, token)) is is_found


def test_it_is_restored(deferring: Cloud, deleted: str) -> None:
    assert deferring.act(deleted, "restore").status_code == 202

    deferring.wait_for(deleted, "ACTIVE")

    assert deferring.show(deleted)["OS-EXT-STS:power_state"] == 1
    assert deleted in _found(deferring, "")
    restored = ("restore", "compute_restore_instance", "Success")
    assert _records(deferring, deleted)[0] == restored


def test_a_force_delete_deletes_it_at_once(deferring: Cloud, deleted: str) -> None:
    assert deferring.act(deleted, "forceDelete").status_code == 202

    wait_until(lambda: _is_gone(deferring, deleted), 10, "it is gone")

    forced = ("delete", "compute_terminate_instance", "Success")
    assert _records(deferring, deleted)[0] == forced
    assert deleted in _found(deferring, "?status=DELETED")


def test_force_does_not_wait_for_a_delete_before_it(
    deferring: Cloud, server_id: str
) -> None:
    assert deferring.act(server_id, "forceDelete").status_code == 202

    wait_until(lambda: _is_gone(deferring, server_id), 10, "it is gone")


def test_a_second_delete_leaves_it_soft_deleted(deferring: Cloud, deleted: str) -> None:
    """As in Nova, it stays soft-deleted for the full time again."""
    assert deferring.delete(deleted).status_code == 204

    deferring.wait_for(deleted, "SOFT_DELETED")

    deleting = ("delete", "compute_soft_delete_instance", "Success")
    assert _records(deferring, deleted)[:2] == [deleting] * 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"reboot": {"type": "HARD"}}, "reboot"),
        ({"os-start": None}, "start"),
        ({"os-stop": None}, "stop"),
        ({"pause": None}, "pause"),
        ({"rescue": None}, "rescue"),
        ({"changePassword": {"adminPass": "sesame"}}, "changePassword"),
    ],
)
def test_other_actions_are_refused(
    deferring: Cloud, deleted: str, body: dict[str, Any], word: str
) -> None:
    answer = deferring.ask("POST", f"/servers/{deleted}/action", body)

    assert _said(answer, 409) == (
        f"Cannot '{word}' instance {deleted} while it is in vm_state soft-delete"
    )


def test_a_server_that_is_not_deleted_is_not_restored(
    deferring: Cloud, server_id: str
) -> None:
    assert _said(deferring.act(server_id, "restore"), 409) == (
        f"Cannot 'restore' instance {server_id} while it is in vm_state active"
    )


def test_a_locked_server_is_left_alone(deferring: Cloud, deleted: str) -> None:
    """Nova's message for a restore does not mention the lock."""
    assert deferring.act(deleted, "lock").status_code == 202
    locked = f"Instance {deleted} is locked"

    assert _said(deferring.delete(deleted), 409) == locked
    assert _said(deferring.act(deleted, "forceDelete"), 409) == locked
    assert _said(deferring.act(deleted, "restore"), 409) == (
        f"Instance {deleted} is in an invalid state for 'restore'"
    )


def test_its_quota_is_free_until_it_is_restored(deferring: Cloud) -> None:
    """The owner's quota counts, no matter who restores the server."""
    owner = {"token": "owner:small"}
    quota = {"quota_set": {"instances": 1}}
    path = "/os-quota-sets/small"
    assert deferring.ask("PUT", path, quota, token="admin").status_code == 200
    first, second = (
        _create_and_delete(deferring, **owner),
        _create_and_delete(deferring, **owner),
    )
    used = deferring.ask("GET", "/limits", **owner).json["limits"]["absolute"]
    assert used["totalInstancesUsed"] == used["totalRAMUsed"] == 0

    restored = deferring.ask(
        "POST", f"/servers/{first}/action", {"restore": None}, **owner
    )
    assert restored.status_code == 202

    # It counts while it is being restored.
    for token in ("owner:small", "admin"):
        refused = deferring.ask(
            "POST", f"/servers/{second}/action", {"restore": None}, token=token
        )
        assert _said(refused, 403) == (
            "Quota exceeded for instances: Requested 1, but already used 1 of 1 "
            "instances"
        )
    assert deferring.show(second)["status"] == "SOFT_DELETED"
    assert _records(deferring, second)[0][0] == "delete"
    # The state is checked before the quota, as in Nova.
    deferring.wait_for(first, "ACTIVE")
    again = deferring.ask(
        "POST", f"/servers/{first}/action", {"restore": None}, **owner
    )
    assert again.status_code == 409


def _create_and_delete(cloud: Cloud, **token: str) -> str:
    server = {
        "name": "one",
        "imageRef": TICK,
        "flavorRef": "42",
    }
    answer = cloud.ask("POST", "/servers", {"server": server}, **token)
    assert answer.status_code == 202, answer.text
    server_id: str = answer.json["server"]["id"]
    cloud.wait_for(server_id, "ACTIVE")
    assert cloud.delete(server_id, **token).status_code == 204
    cloud.wait_for(server_id, "SOFT_DELETED")
    return server_id


def test_a_server_that_never_ran_is_deleted_at_once(deferring: Cloud) -> None:
    """It could not be restored."""
    server = {
        "name": "nowhere",
        "imageRef": TICK,
        "flavorRef": "42",
        "availability_zone": "nova:nowhere",
    }
    made = deferring.ask("POST", "/servers", {"server": server}, token=_ADMIN)
    assert made.status_code == 202, made.text
    server_id = made.json["server"]["id"]
    deferring.wait_for(server_id, "ERROR")

    assert deferring.delete(server_id).status_code == 204

    assert _is_gone(deferring, server_id)


def test_it_is_deleted_when_its_time_is_over(
    migrated: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    option = "reclaim_instance_interval = 1"
    with one_process.running(tmp_path / "cloud", migrated, option) as cloud:
        server_id = cloud.create_server()
        assert cloud.delete(server_id).status_code == 204

        wait_until(lambda: _is_gone(cloud, server_id), 15, "it is reclaimed")

        assert _records(cloud, server_id)[:2] == [
            ("delete", "compute_terminate_instance", "Success"),
            ("delete", "compute_soft_delete_instance", "Success"),
        ]
