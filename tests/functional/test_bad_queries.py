# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Query strings without a meaning are refused. Numbers may be of any size."""

import pytest

from tests.cluster import Cluster


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "/servers?limit=-1",
            "Invalid input for query parameters limit. Value: -1. "
            "'-1' does not match '^[0-9]*$'",
        ),
        (
            "/servers?limit=x",
            "Invalid input for query parameters limit. Value: x. "
            "'x' does not match '^[0-9]*$'",
        ),
        (
            "/servers?limit=",
            "Invalid input for query parameters limit. Value: . '' should be non-empty",
        ),
        ("/servers?marker=xyz", "marker [xyz] not found"),
        ("/servers/detail?marker=xyz", "marker [xyz] not found"),
        ("/flavors?marker=xyz", "marker [xyz] not found"),
        ("/images?marker=xyz", "marker [xyz] not found"),
        (
            "/servers?name=[",
            "Invalid input for query parameters name. Value: [. '[' is not a 'regex'",
        ),
        ("/flavors?minRam=much", "Invalid minRam filter [much]"),
        (
            "/servers?name=a{99999999999999}",
            "Invalid input for query parameters name. Value: a{99999999999999}. "
            "'a{99999999999999}' is not a 'regex'",
        ),
    ],
)
def test_absurd_queries(cluster: Cluster, path: str, message: str) -> None:
    answer = cluster.ask("GET", path)

    assert answer.status_code == 400
    assert answer.json() == {"badRequest": {"code": 400, "message": message}}


@pytest.mark.parametrize("limit", ["0", "1", "999999999999999999999999", "00000001"])
def test_limits_of_any_size_are_answered(cluster: Cluster, limit: str) -> None:
    answer = cluster.ask("GET", f"/servers?limit={limit}")

    assert answer.status_code == 200
    assert len(answer.json()["servers"]) <= 1000


def test_several_states_match_any_of_them(cluster: Cluster) -> None:
    server_id = cluster.create_server()

    both = cluster.ask("GET", "/servers?status=PAUSED&status=ACTIVE&limit=1000").json()

    assert server_id in {server["id"] for server in both["servers"]}
