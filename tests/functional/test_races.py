# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Many clients act on the same servers. Each history is linear and legal."""

import random
import threading
import time
from collections import Counter
from concurrent import futures
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from tests import history
from tests.cluster import Cluster
from tests.real_servers import wait_until


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "seconds", [10, pytest.param(180, marks=pytest.mark.campaign)], ids="{}s".format
)
def test_fifty_threads_pause_and_unpause_twenty_servers(
    cluster: Cluster, seconds: int
) -> None:
    servers = [cluster.create_server(f"race-{number}") for number in range(20)]
    end = time.monotonic() + seconds
    statuses: Counter[int] = Counter()
    counting = threading.Lock()

    def hammer(seed: int) -> None:
        choose = random.Random(seed)
        session = requests.Session()
        session.headers["X-Auth-Token"] = "demo:demo"
        while time.monotonic() < end:
            server_id = choose.choice(servers)
            action = choose.choice(("pause", "unpause"))
            url = f"{cluster.url}/v2.1/servers/{server_id}/action"
            answer = session.post(url, json={action: None}, timeout=60)
            with counting:
                statuses[answer.status_code] += 1

    with futures.ThreadPoolExecutor(50) as pool:
        list(pool.map(hammer, range(50)))

    assert set(statuses) <= {202, 409}, statuses
    assert statuses[202] > 20, statuses
    accepted = 0
    for server_id in servers:
        wait_until(lambda s=server_id: _at_rest(cluster, s), 30, "at rest")  # type: ignore[misc]
        records = _records(cluster, server_id)
        history.see_it_linear(records)
        asked = [record for record in records if record["action"] != "create"]
        assert {history.result_of(record) for record in asked} <= {"Success"}
        state = "paused" if len(asked) % 2 else "active"
        assert cluster.show(server_id)["OS-EXT-STS:vm_state"] == state
        accepted += len(asked)
        cluster.ask("DELETE", f"/servers/{server_id}")
    assert accepted == statuses[202]


def test_a_delete_races_with_pauses(cluster: Cluster) -> None:
    """The delete wins, whatever else is running. Nothing touches the guest after it."""
    for _round in range(5):
        server_id = cluster.create_server("doomed")
        with futures.ThreadPoolExecutor(7) as pool:
            acts = [
                pool.submit(_act, cluster, server_id, action)
                for action in ("pause", "unpause") * 3
            ]
            deleted = pool.submit(_delete, cluster, server_id)
            codes = {act.result() for act in acts}

        assert deleted.result() == 204
        assert codes <= {202, 404, 409}
        wait_until(lambda s=server_id: _is_gone(cluster, s), 20, "it is gone")  # type: ignore[misc]
        # The message of a pause may still come after the delete took over.
        wait_until(lambda s=server_id: _all_closed(cluster, s), 20, "all is closed")  # type: ignore[misc]
        records = _records(cluster, server_id)
        results = [(record["action"], history.result_of(record)) for record in records]
        assert results.count(("delete", "Success")) == 1, results
        behind = results[results.index(("delete", "Success")) + 1 :]
        assert not [result for _action, result in behind if result == "Success"]


def _act(cluster: Cluster, server_id: str, action: str) -> int:
    return _ask(cluster, "POST", f"/servers/{server_id}/action", {action: None})


def _delete(cluster: Cluster, server_id: str) -> int:
    time.sleep(random.Random(server_id).uniform(0, 0.02))
    return _ask(cluster, "DELETE", f"/servers/{server_id}")


def _ask(cluster: Cluster, method: str, path: str, body: Any = None) -> int:
    return requests.request(
        method,
        f"{cluster.url}/v2.1{path}",
        json=body,
        headers={"X-Auth-Token": "demo:demo"},
        timeout=60,
    ).status_code


def _at_rest(cluster: Cluster, server_id: str) -> bool:
    return cluster.show(server_id)["OS-EXT-STS:task_state"] is None


def _is_gone(cluster: Cluster, server_id: str) -> bool:
    return cluster.ask("GET", f"/servers/{server_id}").status_code == 404


def _all_closed(cluster: Cluster, server_id: str) -> bool:
    records = _records(cluster, server_id)
    return "open" not in {history.result_of(record) for record in records}


def _records(cluster: Cluster, server_id: str) -> list[dict[str, Any]]:
    """Return all requests of a server with events, oldest first, even if deleted."""
    actions = sa.text(
        "SELECT id, action, message FROM instance_actions"
        " WHERE instance_uuid = :uuid ORDER BY id"
    )
    events = sa.text(
        "SELECT result, start_time, finish_time FROM instance_actions_events"
        " WHERE action_id = :id ORDER BY id"
    )
    engine = sa.create_engine(cluster.connection)
    try:
        with engine.connect() as connection:
            return [
                dict(row)
                | {
                    "events": [
                        {key: value and str(value) for key, value in event.items()}
                        for event in connection.execute(
                            events, {"id": row["id"]}
                        ).mappings()
                    ]
                }
                for row in connection.execute(actions, {"uuid": server_id}).mappings()
            ]
    finally:
        engine.dispose()
