# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""changePassword: why it fails, and that the password is not kept."""

import logging
import sqlite3

import pytest

from tests.unit.one_process import Cloud

_PASSWORD = "open-sesame"


def _change(cloud: Cloud, server_id: str) -> tuple[int, str]:
    body = {"changePassword": {"adminPass": _PASSWORD}}
    answer = cloud.ask("POST", f"/servers/{server_id}/action", body)
    (fault,) = answer.json.values()
    return answer.status_code, fault["message"]


def _set(cloud: Cloud, assignment: str) -> None:
    with sqlite3.connect(cloud.folder / "minova.sqlite", timeout=10) as connection:
        connection.execute(f"UPDATE instances SET {assignment}")


@pytest.mark.parametrize(
    ("agent", "status", "said"),
    [
        ("no", 409, "QEMU guest agent is not enabled"),
        ("yes", 501, "Unable to set password on instance"),
    ],
)
def test_the_image_says_whether_there_is_an_agent(
    cloud: Cloud, agent: str, status: int, said: str
) -> None:
    """Nova's message for an image without an agent, or an agent that is silent."""
    server_id = cloud.create_server()
    properties = f'{{"hw_qemu_guest_agent": "{agent}"}}'
    _set(cloud, f"image_properties = '{properties}'")

    assert _change(cloud, server_id) == (status, said)


def test_a_guest_that_does_not_run_is_refused(cloud: Cloud) -> None:
    server_id = cloud.create_server()
    _set(cloud, "power_state = 3")

    assert _change(cloud, server_id) == (
        409,
        f"Failed to set admin password on {server_id} because instance {server_id} is "
        "not running",
    )


def test_the_password_is_neither_logged_nor_kept(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    server_id = cloud.create_server()

    with caplog.at_level(logging.DEBUG):
        _change(cloud, server_id)

    assert "changePassword" in caplog.text
    assert _PASSWORD not in caplog.text
    kept = b"".join(file.read_bytes() for file in cloud.folder.glob("minova.sqlite*"))
    assert b"changePassword" in kept
    assert _PASSWORD.encode() not in kept
