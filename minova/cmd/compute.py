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
# Load modules before the fork, so a dead worker is replaced quickly. Make connections
# after it.
from minova import connections
from minova.cmd import n_cpu, one_per_host, start
from minova.compute.leaving import Ending
from minova.conf import rereading

LOG = logging.getLogger(__name__)


class ComputeProcess(cotyledon.Service):
    """The single worker process. The parent only restarts it if it dies."""

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
        """Reread the mutable options without dropping a message."""
        rereading.reread(self._conf)
        self._service.change(n_cpu.settings(self._conf, one_per_host.boot_id()))


def main() -> None:
    """Run until SIGTERM, then finish the running actions."""
    conf = start.read_options(sys.argv[1:], "n-cpu.log")
    try:
        # Fail here on bad options: a worker would retry forever.
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
    # One worker, because each host has one queue.
    processes.add(ComputeProcess, workers=1, args=(conf,))
    # The collector would touch memory pages and so copy them in the worker.
    gc.freeze()
    processes.run()
    os.close(lock)


def leave(ending: Ending, why: str) -> NoReturn:
    """Log and print why, then exit at once so that the supervisor notices.

    The next n-cpu of this host settles the unfinished actions.
    """
    LOG.error("n-cpu exits: %s", why)
    print(f"minova-compute: {why}", file=sys.stderr, flush=True)  # noqa: T201
    # Not sys.exit: it ends only this thread, and other threads may hang in a library.
    os._exit(ending)


def _end_with_refused_worker(_service: object, _worker: object, status: int) -> None:
    """Exit if the worker was refused: a new worker would be refused again."""
    if status == Ending.REFUSED:
        os._exit(status)


def _end_with_parent() -> None:
    """Exit as soon as the parent dies.

    cotyledon 2.2 would shut down slowly, as after SIGTERM, and block the next n-cpu of
    this host for that long. The next n-cpu settles the unfinished actions.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(os.EX_TEMPFAIL)
