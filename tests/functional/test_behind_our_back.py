# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Real guests that are killed, paused and resumed by somebody else than minova."""

from tests.cluster import Cluster
from tests.private_libvirt import PrivateLibvirt


def test_a_guest_of_qemu_lives_through_a_pause(
    qemu_cluster: Cluster, libvirt: PrivateLibvirt
) -> None:
    qemu_cluster.start_host()
    qemu_cluster.start_api()
    server_id = qemu_cluster.create_server()
    assert libvirt.state(server_id) == "running"

    assert qemu_cluster.act(server_id, "pause").status_code == 202

    qemu_cluster.wait_for(server_id, "PAUSED")
    assert libvirt.state(server_id) == "paused"
    libvirt.kill_guest(server_id)
    qemu_cluster.wait_for(server_id, "SHUTOFF", timeout=30)
