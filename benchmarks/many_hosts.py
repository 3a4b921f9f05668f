# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Many compute hosts in one process, for ``scale.py``.

Each is the service that n-cpu runs, with a queue, a heartbeat and a fake driver of its
own; the connection pools are shared, as no two machines could::

    python benchmarks/many_hosts.py full-11,full-12 --config-file FILE
"""

import dataclasses
import os
import pathlib
import signal
import sys
import threading

from minova import rpc
from minova.cmd import compute_parts, one_per_host, start
from minova.compute.service import ComputeService, Parts
from minova.db import engine
from minova.db.api import Database
from minova.images import ImageDirectory
from minova.virt.fake import FakeDriver


def main() -> None:
    conf = start.read_options(sys.argv[2:], "n-cpu.log")
    settings = compute_parts.settings(conf, one_per_host.boot_id())
    db = Database(engine.create(conf))
    transport = rpc.create_transport(conf)
    for host in sys.argv[1].split(","):
        parts = Parts(
            db=db,
            driver=FakeDriver(host),
            images=ImageDirectory(pathlib.Path(conf.state_path, "images")),
            transport=transport,
        )
        service = ComputeService(dataclasses.replace(settings, host=host), parts)
        threading.Thread(target=service.run, name=host, daemon=True).start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    os._exit(0)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
