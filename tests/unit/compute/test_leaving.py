# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A host that must stop tells its entry point, and stops."""

import threading

from minova.cmd import n_cpu
from minova.compute.leaving import Ending
from tests.unit.one_process import Cloud


def test_a_host_served_by_another_machine(cloud: Cloud) -> None:
    before = set(threading.enumerate())
    said: list[tuple[Ending, str]] = []
    second = n_cpu.create_service(
        cloud.conf, "another boot", cloud.connections, lambda *why: said.append(why)
    )

    second.run()
    second.terminate()

    assert said == [
        (
            Ending.REFUSED,
            "another machine serves host host-1: its heartbeat is less than 60 s old "
            "and has another boot id",
        )
    ]
    assert set(threading.enumerate()) <= before
    cloud.create_server()
