# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which project's migrations a project manager may list."""

import pytest

from minova.api.front.request import CONTEXT
from minova.db.api import Database
from tests.unit.api.conftest import client_of
from tests.unit.conftest import context


@pytest.mark.parametrize(
    ("query", "version", "status"),
    [
        ("project_id=demo", "2.80", 200),
        ("project_id=other", "2.80", 403),
        ("", "2.80", 403),
        # There was no such filter before.
        ("project_id=demo", "2.58", 403),
    ],
)
def test_a_manager_names_its_own_project(
    db: Database, query: str, version: str, status: int
) -> None:
    manager = context(roles=["reader", "member", "manager"], project_id="demo")

    answer = client_of(db, None).simulate_get(
        "/v2.1/os-migrations",
        query_string=query,
        headers={"OpenStack-API-Version": f"compute {version}"},
        extras={CONTEXT: manager},
    )

    assert answer.status_code == status
