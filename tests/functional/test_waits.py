# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A guest that ignores its power button delays no other server."""

from tests.cluster import Cluster
from tests.real_servers import wait_until

_DEAF = 20
"""Half of these are stops: more than settling has threads for quick work."""
_SOON = 8
"""Seconds, on a busy machine. A wait lasts a minute."""


def test_waits_do_not_delay_other_actions(qemu_cluster: Cluster) -> None:
    """Neither waits that messages start, nor those that a dead process left."""
    cluster = qemu_cluster
    cluster.start_host(executor_thread_pool_size="2")
    cluster.start_api()
    deaf = [cluster.create_server(f"deaf-{number}") for number in range(_DEAF)]
    idle = cluster.create_server("idle")
    for number, server_id in enumerate(deaf):
        if number % 2:
            assert cluster.act(server_id, "os-stop").status_code == 202
        else:
            assert _reboot(cluster, server_id, "SOFT") == 202

    assert cluster.act(idle, "pause").status_code == 202
    cluster.wait_for(idle, "PAUSED", timeout=_SOON)
    # A waiting thread releases its guest within two checks.
    assert _reboot(cluster, deaf[0], "HARD") == 202
    cluster.wait_for(deaf[0], "ACTIVE", timeout=_SOON)

    cluster.kill_host()
    assert cluster.act(idle, "unpause").status_code == 202
    cluster.start_host(executor_thread_pool_size="2")
    cluster.wait_for(idle, "ACTIVE", timeout=_SOON)
    assert cluster.ask("DELETE", f"/servers/{deaf[1]}").status_code == 204
    wait_until(
        lambda: cluster.ask("GET", f"/servers/{deaf[1]}").status_code == 404,
        _SOON,
        "it is deleted",
    )
    tasks = [cluster.show(each)["OS-EXT-STS:task_state"] for each in deaf[3::2]]
    assert set(tasks) == {"powering-off"}, "the others are waited for all the time"


def _reboot(cluster: Cluster, server_id: str, kind: str) -> int:
    body = {"reboot": {"type": kind}}
    return cluster.ask("POST", f"/servers/{server_id}/action", body).status_code
