# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One daemon is newer than the other: hosts first, then n-api."""

import sys
from typing import Final

from tests.cluster import Cluster
from tests.real_servers import wait_until

NEWER: Final = """
from minova import rpc
from minova.compute.manager import ComputeManager
ComputeManager.target = rpc.target("1.7")
from minova.cmd.compute import main
main()
"""


def test_a_newer_host_does_what_an_older_n_api_asks(own_cluster: Cluster) -> None:
    own_cluster.compute_command = [sys.executable, "-c", NEWER]
    own_cluster.start_host()
    own_cluster.start_api()

    server_id = own_cluster.create_server()
    assert own_cluster.act(server_id, "pause").status_code == 202

    own_cluster.wait_for(server_id, "PAUSED")
    output = own_cluster.ask(
        "POST", f"/servers/{server_id}/action", {"os-getConsoleOutput": {}}
    )
    assert output.status_code in (200, 404), output.text
    assert "Rejected" not in own_cluster.log_of("host-1").read_text()


def test_an_older_host_rejects_a_newer_message_and_settles_its_claim(
    own_cluster: Cluster,
) -> None:
    """Upgraded in the wrong order, actions take their time, and none is lost."""
    own_cluster.wsgi = "tests.functional.newer_n_api:application"
    own_cluster.settling = "settle_interval = 1\nsettle_grace = 2\n"
    own_cluster.start_host()
    own_cluster.start_api()

    server_id = own_cluster.create_server()
    assert own_cluster.act(server_id, "pause").status_code == 202

    own_cluster.wait_for(server_id, "PAUSED")
    log = own_cluster.log_of("host-1")
    wait_until(
        lambda: (
            (
                "Rejected a message that is not minova's: no method 'pause_instance' in"
                " version '1.1'"
            )
            in log.read_text()
        ),
        5,
        "the message is rejected",
    )
