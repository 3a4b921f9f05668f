# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-cpu starts under a frozen libvirtd."""

from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import wait_until


def _failed(cluster: Cluster, server_id: str, request_id: str) -> bool:
    events = cluster.record(server_id, request_id)["events"]
    return bool(events) and events[0]["result"] == "Error"


def test_started_while_libvirtd_is_frozen(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    """It consumes, records actions as failed, and recovers when libvirtd does."""
    cluster = qemu_cluster
    cluster.start_host()
    cluster.start_api()
    # The first guest takes seconds, because libvirt asks QEMU for its capabilities. The
    # limit is the usual one.
    server_id = cluster.create_server()
    cluster.stop_host()
    libvirt.freeze()
    cluster.call_timeout = 3.0
    try:
        cluster.start_host()
        for _ in range(2):
            answer = cluster.act(server_id, "pause")
            assert answer.status_code == 202, answer.text
            request_id = answer.headers["x-openstack-request-id"]
            wait_until(
                lambda: _failed(cluster, server_id, request_id),  # noqa: B023
                15,
                "the pause is failed on record",
            )
            assert cluster.show(server_id)["OS-EXT-STS:task_state"] is None
    finally:
        libvirt.thaw()

    # Until the first call returns, another pause would still fail at once.
    returned = "The hypervisor call (pause) returned after"
    log = cluster.log_of("host-1")
    wait_until(lambda: returned in log.read_text(), 10, "the first call returns")
    wait_until(lambda: cluster.act(server_id, "pause").status_code == 202, 10, "202")
    cluster.wait_for(server_id, "PAUSED", timeout=30)
    assert libvirt.state(server_id) == "paused"
