# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The hosts of benchmarks/scale.py: several in one process, each independent."""

import pathlib
import subprocess
import sys

from tests import real_servers
from tests.cluster import Cluster
from tests.real_servers import wait_until

_COMMAND = pathlib.Path(__file__).parents[2] / "benchmarks" / "sites" / "many_hosts.py"


def test_servers_spread_and_requests_reach_the_right_host(
    own_cluster: Cluster,
) -> None:
    own_cluster.settling = "driver = fake\n"
    file = own_cluster.write_config("crowd")
    crowd = subprocess.Popen(
        [sys.executable, _COMMAND, "full-1,full-2,full-3", "--config-file", file]
    )
    try:
        own_cluster.start_api()

        up = dict.fromkeys(("full-1", "full-2", "full-3"), "up")
        wait_until(lambda: own_cluster.hosts() == up, 30, "three hosts are up")
        servers = [own_cluster.create_server(str(number)) for number in range(6)]
        hosts = [own_cluster.show(each)["OS-EXT-SRV-ATTR:host"] for each in servers]
        assert sorted(hosts) == sorted(["full-1", "full-2", "full-3"] * 2)
        for each in servers:
            assert own_cluster.act(each, "pause").status_code == 202
        for each in servers:
            own_cluster.wait_for(each, "PAUSED")
    finally:
        real_servers.end(crowd)
