# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova-compute: the daemon n-cpu."""

import sys
from typing import TYPE_CHECKING

import cotyledon
from cotyledon import types
from oslo_config import cfg

from minova.cmd import start

if TYPE_CHECKING:
    from minova.compute.service import ComputeService


class ComputeProcess(cotyledon.Service):
    """The one worker process.

    What it is made of is imported and made here, after the fork: the parent, which only
    starts it again should it die, stays small and holds no connection.
    """

    name = "n-cpu"

    def __init__(self, worker_id: types.WorkerId, conf: cfg.ConfigOpts) -> None:
        super().__init__(worker_id)
        from minova.cmd import compute_parts  # noqa: PLC0415

        self._service: ComputeService = compute_parts.create_service(conf)

    def run(self) -> None:
        self._service.run()

    def terminate(self) -> None:
        self._service.terminate()


def main() -> None:
    """Run until SIGTERM; what is in hand then is finished."""
    conf = start.read_options(sys.argv[1:], "n-cpu.log")
    processes = cotyledon.ServiceManager(graceful_shutdown_timeout=60)
    # One worker, for the queue is the host's.
    processes.add(ComputeProcess, workers=1, args=(conf,))
    processes.run()
