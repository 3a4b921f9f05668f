# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A client waits if the system has no thread for it."""

import subprocess
import sys

_CLIENTS_WITHOUT_THREADS = """
import logging, pathlib, resource, socket, threading, types
from minova.wsgi.patient_worker import Patience

worker = types.SimpleNamespace(
    worker_connections=200, alive=True, log=logging.getLogger()
)
patience = Patience(worker)
pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
room = pages * resource.getpagesize() + (200 << 20)
resource.setrlimit(resource.RLIMIT_AS, (room, room))
go_on = threading.Event()

class Connection:
    sock = socket.socket()

def handle(connection):
    return go_on.wait()

served = [patience.submit(handle, Connection()) for _ in range(200)]
threads = threading.active_count()
go_on.set()
print(sum(each.result(10) for each in served), threads < 200)
"""


def test_without_threads_clients_wait() -> None:
    process = subprocess.run(
        [sys.executable, "-c", _CLIENTS_WITHOUT_THREADS],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert process.stdout == "200 True\n", process.stderr
    assert "A client has to wait: can't start new thread" in process.stderr
