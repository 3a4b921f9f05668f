# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts from a real libvirt about its host and a running guest."""

import pytest

from tests.cluster import Cluster


@pytest.mark.qemu
def test_a_real_host_and_a_real_guest(qemu_cluster: Cluster) -> None:
    qemu_cluster.start_host()
    qemu_cluster.start_api()
    server_id = qemu_cluster.create_server()

    answer = qemu_cluster.ask("GET", f"/servers/{server_id}/diagnostics", token="admin")
    hypervisor = qemu_cluster.ask("GET", "/os-hypervisors/1", token="admin").json()

    assert answer.status_code == 200, answer.text
    assert {"cpu0_time", "memory", "memory-rss"} <= set(answer.json())
    assert not [name for name in answer.json() if name.startswith("_")]
    assert answer.json()["memory"] == 128 * 1024
    shown = hypervisor["hypervisor"]
    assert shown["hypervisor_type"] == "QEMU"
    assert shown["hypervisor_version"] >= 7_000_000
    assert '"arch": "x86_64"' in shown["cpu_info"]
    assert (shown["running_vms"], shown["vcpus_used"]) == (1, 1)
    assert shown["local_gb_used"] == 1
    assert shown["memory_mb_used"] >= 128
    assert shown["free_ram_mb"] == shown["memory_mb"] - shown["memory_mb_used"]
