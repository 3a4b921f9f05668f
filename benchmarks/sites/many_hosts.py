# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Many compute hosts in one process, for ``scale.py``.

Each host is the service that n-cpu runs, with its own queue, heartbeat and fake driver.
Unlike real hosts, they share the connection pools::

    python benchmarks/sites/many_hosts.py full-11,full-12 --config-file FILE
"""

import os
import signal
import sys
import threading

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
from minova import connections
from minova.cmd import n_cpu, one_per_host, start
from minova.cmd.compute import leave


def main() -> None:
    conf = start.read_options(sys.argv[2:], "n-cpu.log")
    conf.set_override("driver", "fake", group="compute")
    shared = connections.create(conf)
    for host in sys.argv[1].split(","):
        conf.set_override("host", host)
        service = n_cpu.create_service(conf, one_per_host.boot_id(), shared, leave)
        threading.Thread(target=service.run, name=host, daemon=True).start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    os._exit(0)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
