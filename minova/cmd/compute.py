# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova-compute: the daemon n-cpu."""

import gc
import multiprocessing
import os
import pathlib
import sys
import threading
from typing import NoReturn

import cotyledon
from cotyledon import types
from oslo_config import cfg
from oslo_log import log as logging

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
# Modules are loaded before the fork, so that a worker that died is replaced in no time;
# connections are made after it.
from minova import connections
from minova.cmd import n_cpu, one_per_host, start
from minova.compute.leaving import Ending
from minova.conf import rereading

LOG = logging.getLogger(__name__)


class ComputeProcess(cotyledon.Service):
    """The one worker process; the parent only starts it again should it die."""

    name = "n-cpu"

    def __init__(self, worker_id: types.WorkerId, conf: cfg.ConfigOpts) -> None:
        super().__init__(worker_id)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        self._conf = conf
        self._connections = connections.create(conf)
        self._service = n_cpu.create_service(
            conf, one_per_host.boot_id(), self._connections, leave
        )

    def run(self) -> None:
        self._service.run()

    def terminate(self) -> None:
        self._service.terminate()
        self._service.give_host_back()
        self._connections.close()

    def reload(self) -> None:
        """Read again what may change in a running process; drop no message for it."""
        rereading.reread(self._conf)
        self._service.change(n_cpu.settings(self._conf, one_per_host.boot_id()))


def main() -> None:
    """Run until SIGTERM; what is in hand then is finished."""
    conf = start.read_options(sys.argv[1:], "n-cpu.log")
    try:
        # What cannot be made of the options here a worker would try forever.
        connections.create(conf)
        lock = one_per_host.hold(pathlib.Path(conf.state_path), conf.host)
    except one_per_host.AlreadyServed as error:
        leave(Ending.REFUSED, str(error))
    except cfg.Error as error:
        sys.exit(f"minova-compute: {error}")
    except OSError as error:
        sys.exit(f"minova-compute: cannot write to [DEFAULT] state_path: {error}")
    processes = cotyledon.ServiceManager(
        graceful_shutdown_timeout=conf.graceful_shutdown_timeout,
        mp_context=multiprocessing.get_context("fork"),
    )
    processes.register_hooks(
        on_reload=lambda: rereading.reread(conf),
        on_dead_worker=_end_with_refused_worker,
    )
    # One worker, because the queue is the host's.
    processes.add(ComputeProcess, workers=1, args=(conf,))
    # A page that the collector touches is a page copied.
    gc.freeze()
    processes.run()
    os.close(lock)


def leave(ending: Ending, why: str) -> NoReturn:
    """End the process at once, for its supervisor to see, and say why in both places.

    What is in hand is settled by the next n-cpu of this host.
    """
    LOG.error("n-cpu exits: %s", why)
    print(f"minova-compute: {why}", file=sys.stderr, flush=True)  # noqa: T201
    # Not sys.exit: that would end a thread, and the others may hang in a library.
    os._exit(ending)


def _end_with_refused_worker(_service: object, _worker: object, status: int) -> None:
    """Start no other one: it would be refused as well, again and again."""
    if status == Ending.REFUSED:
        os._exit(status)


def _end_with_parent() -> None:
    """Be killed together with the parent.

    cotyledon 2.2 would take its time, as for SIGTERM, and for so long no other n-cpu
    could serve the host.  What is in hand is settled by the next one.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(os.EX_TEMPFAIL)
