# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rebuilds with other images, keys and rules than a gabbi file can have."""

import json
from typing import Any

import pytest
from falcon import testing

from minova import exception
from tests.unit.one_process import Cloud

OTHER = "22222222-3333-4444-8555-666666666666"
_IMAGE = {
    "id": OTHER,
    "name": "other",
    "min_ram": 0,
    "min_disk": 0,
    "created_at": "2026-11-22T20:00:00Z",
    "updated_at": "2026-11-22T20:00:00Z",
    "kernel": "kernel",
    "ramdisk": "ramdisk",
    "cmdline": "",
    "properties": {"os_type": "linux"},
}


def _put_other(cloud: Cloud, **values: Any) -> None:
    folder = cloud.folder / "images" / "other"
    folder.mkdir(exist_ok=True)
    for name in ("kernel", "ramdisk"):
        (folder / name).write_bytes(b"x")
    (folder / "image.json").write_text(json.dumps(_IMAGE | values))


def _rebuild(cloud: Cloud, server_id: str, **asked: Any) -> testing.Result:
    version = asked.pop("version", "2.1")
    token = asked.pop("token", "demo:demo")
    body = {"rebuild": {"imageRef": OTHER, **asked}}
    path = f"/servers/{server_id}/action"
    return cloud.ask("POST", path, body, version=version, token=token)


def _said(answer: testing.Result) -> str:
    (fault,) = answer.json.values()
    message: str = fault["message"]
    return message


def test_another_image_replaces_the_first(cloud: Cloud) -> None:
    _put_other(cloud, properties={"os_type": "linux", "auto_disk_config": "true"})
    server_id = cloud.create_server()
    before = cloud.show(server_id)

    answer = _rebuild(cloud, server_id, version="2.98")

    assert answer.status_code == 202, answer.text
    shown = answer.json["server"]
    assert shown["image"]["id"] == OTHER
    assert shown["image"]["properties"]["os_type"] == "linux"
    assert shown["OS-DCF:diskConfig"] == "AUTO"
    cloud.wait_for(server_id, "ACTIVE")
    after = cloud.show(server_id)
    assert after["image"]["id"] == OTHER
    same = ("id", "name", "addresses", "flavor", "created", "key_name", "hostId")
    assert [after[name] for name in same] == [before[name] for name in same]


@pytest.mark.parametrize(
    ("image", "asked", "said"),
    [
        (
            {"min_ram": 4096},
            {},
            "Flavor's memory is too small for requested image.",
        ),
        (
            {"min_disk": 2},
            {},
            "Flavor's disk is smaller than the minimum size specified in image "
            "metadata. Flavor disk is 1073741824 bytes, minimum size is 2147483648 "
            "bytes.",
        ),
        (
            {"properties": {"auto_disk_config": "disabled"}},
            {"OS-DCF:diskConfig": "AUTO"},
            f"Requested image {OTHER} has automatic disk resize disabled.",
        ),
    ],
)
def test_an_image_that_does_not_fit_changes_nothing(
    cloud: Cloud, image: dict[str, Any], asked: dict[str, Any], said: str
) -> None:
    _put_other(cloud, **image)
    server_id = cloud.create_server()
    before = cloud.show(server_id)

    answer = _rebuild(cloud, server_id, name="other", **asked)

    assert answer.status_code == 400
    assert _said(answer) == said
    assert cloud.show(server_id) == before


def test_a_key_is_the_callers_even_for_another_users_server(cloud: Cloud) -> None:
    _put_other(cloud)
    server_id = cloud.create_server()
    key = {"keypair": {"name": "a-key"}}
    assert cloud.ask("POST", "/os-keypairs", key, token="demo:demo").status_code == 200

    by_another = _rebuild(
        cloud, server_id, key_name="a-key", version="2.54", token="eve:demo"
    )

    assert by_another.status_code == 400
    assert _said(by_another) == "Invalid key_name provided."
    mine = _rebuild(cloud, server_id, key_name="a-key", version="2.54")
    assert mine.json["server"]["key_name"] == "a-key"
    cloud.wait_for(server_id, "ACTIVE")


def test_certificates_have_a_separate_rule(cloud: Cloud) -> None:
    _put_other(cloud)
    server_id = cloud.create_server()
    rule = "os_compute_api:servers:rebuild:trusted_certs"
    (cloud.folder / "policy.yaml").write_text(f'"{rule}": "!"')

    for certificates in (["one"], None):
        refused = _rebuild(
            cloud, server_id, trusted_image_certificates=certificates, version="2.63"
        )
        assert refused.status_code == 403
        assert _said(refused) == f"Policy doesn't allow {rule} to be performed."

    assert _rebuild(cloud, server_id, version="2.63").status_code == 202
    cloud.wait_for(server_id, "ACTIVE")


@pytest.mark.parametrize("version", ["2.56", "2.57", "2.74", "2.75", "2.104"])
def test_user_data_is_reported_once_in_its_place(cloud: Cloud, version: str) -> None:
    _put_other(cloud)
    server_id = cloud.create_server()

    answer = _rebuild(cloud, server_id, version=version, token="admin")

    said = [name for name in answer.json["server"] if "user_data" in name]
    assert said == ([] if version == "2.56" else ["user_data"])
    assert ("OS-EXT-SRV-ATTR:host" in answer.json["server"]) is (
        version in ("2.75", "2.104")
    )
    cloud.wait_for(server_id, "ACTIVE")


def test_the_answer_after_the_claim_needs_no_database(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 503 would say that nothing was changed."""
    _put_other(cloud)
    server_id = cloud.create_server()
    db = cloud.connections.db
    claim = db.instance_claim

    def claim_and_go_away(*asked: Any, **more: Any) -> Any:
        claimed = claim(*asked, **more)
        monkeypatch.setattr(db, "_read", _away)
        return claimed

    with monkeypatch.context() as patched:
        patched.setattr(db, "instance_claim", claim_and_go_away)
        answer = _rebuild(cloud, server_id, version="2.104")
    monkeypatch.undo()

    assert answer.status_code == 202, answer.text
    assert answer.json["server"]["status"] == "REBUILD"
    cloud.wait_for(server_id, "ACTIVE")


def _away() -> Any:
    raise exception.DatabaseUnavailable
