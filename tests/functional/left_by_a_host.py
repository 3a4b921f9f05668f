# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Write rows into SQLite as a host that died would have left them.

``tests/faults`` tests the moments at which a host can die.
"""

import sqlite3

from tests.cluster import Cluster

_EVENTS = {
    "pause": "compute_pause_instance",
    "unpause": "compute_unpause_instance",
    "suspend": "compute_suspend_instance",
    "rescue": "compute_rescue_instance",
    "rebuild": "compute_rebuild_instance",
    "stop": "compute_stop_instance",
    "create": "compute__do_build_and_run_instance",
    "delete": "compute_terminate_instance",
}


def begin(cluster: Cluster, server_id: str, request_id: str, action: str) -> None:
    """Start a claim that n-api took."""
    with _connect(cluster) as connection:
        connection.execute(
            "UPDATE instances SET claim_started_at = claimed_at"
            " WHERE uuid = ? AND claim_request_id = ?",
            [server_id, request_id],
        )
        connection.execute(
            "INSERT INTO instance_actions_events (action_id, event, host, start_time)"
            " SELECT id, ?, 'host-1', start_time FROM instance_actions"
            " WHERE instance_uuid = ? AND request_id = ?",
            [_EVENTS[action], server_id, request_id],
        )


def begin_stop(cluster: Cluster, server_id: str) -> str:
    """Claim a server for a stop that no user asked for, and start the claim.

    Return the request id.
    """
    request_id = "req-00000000-0000-4000-8000-000000000000"
    now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
    with _connect(cluster) as connection:
        connection.execute(
            "UPDATE instances SET task_state = 'powering-off',"
            f" claim_request_id = ?, claimed_at = {now} WHERE uuid = ?",
            [request_id, server_id],
        )
        connection.execute(
            "INSERT INTO instance_actions"
            " (action, instance_uuid, request_id, user_id, project_id, start_time)"
            f" VALUES ('stop', ?, ?, 'demo', 'demo', {now})",
            [server_id, request_id],
        )
    begin(cluster, server_id, request_id, "stop")
    return request_id


def _connect(cluster: Cluster) -> sqlite3.Connection:
    path = cluster.connection.removeprefix("sqlite:///")
    return sqlite3.connect(path, timeout=10)
