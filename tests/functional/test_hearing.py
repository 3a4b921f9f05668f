# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A host that does not hear is not alive, and ends to be started anew."""

import re

from tests.cluster import Cluster
from tests.functional import raw
from tests.real_servers import wait_until


def test_a_deaf_host_is_down_and_starts_anew(own_cluster: Cluster) -> None:
    """Its queue is taken off the exchange: RabbitMQ is there, and nothing comes."""
    cluster = own_cluster
    cluster.settling += "hearing_timeout = 8\n"
    cluster.start_host()
    cluster.start_api()
    server_id = cluster.create_server()

    with raw.channel(cluster) as channel:
        channel.queue_unbind("compute.host-1", "minova", "compute.host-1")
    assert cluster.act(server_id, "pause").status_code == 503
    wait_until(
        lambda: cluster.hosts()["host-1"] == "down", 15, "the host is seen as down"
    )
    wait_until(lambda: cluster.hosts()["host-1"] == "up", 40, "a new process hears")

    log = cluster.log_of("host-1").read_text()
    assert "This host does not hear the message it sent to itself" in log
    assert re.search(r"ERROR .*Deaf for \d+ s though RabbitMQ takes messages", log)
    # libvirt's test guests end with their process: it is a new one that acts.
    other = cluster.create_server("two")
    assert cluster.act(other, "pause").status_code == 202
    cluster.wait_for(other, "PAUSED")
