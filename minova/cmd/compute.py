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
from minova.cmd import one_per_host, start
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
        try:
            # The parent does without these modules: 13 MiB less (measured).
            from minova import connections  # noqa: PLC0415
            from minova.cmd import n_cpu  # noqa: PLC0415

            self._settings = n_cpu.settings
            self._connections = connections.create(conf)
            self._service = n_cpu.create_service(
                conf, one_per_host.boot_id(), self._connections, leave
            )
        except cfg.Error as error:
            leave(Ending.MISCONFIGURED, str(error))
        except Exception as error:
            LOG.exception("n-cpu cannot start")
            leave(Ending.MISCONFIGURED, f"{type(error).__name__}: {error}")

    def run(self) -> None:
        self._service.run()

    def terminate(self) -> None:
        self._service.terminate()
        self._service.give_host_back()
        self._connections.close()

    def reload(self) -> None:
        """Reread the mutable options without dropping a message."""
        rereading.reread(self._conf)
        self._service.change(self._settings(self._conf, one_per_host.boot_id()))


def main() -> None:
    """Run until SIGTERM, then finish the running actions."""
    conf = start.read_options(sys.argv[1:], "n-cpu.log")
    try:
        lock = one_per_host.hold(pathlib.Path(conf.state_path), conf.host)
    except one_per_host.AlreadyServed as error:
        leave(Ending.REFUSED, str(error))
    except OSError as error:
        sys.exit(f"minova-compute: cannot write to [DEFAULT] state_path: {error}")
    processes = cotyledon.ServiceManager(
        graceful_shutdown_timeout=conf.graceful_shutdown_timeout,
        mp_context=multiprocessing.get_context("fork"),
    )
    processes.register_hooks(
        on_reload=lambda: rereading.reread(conf),
        on_dead_worker=_end_with_hopeless_worker,
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


def _end_with_hopeless_worker(_service: object, _worker: object, status: int) -> None:
    """Exit if a new worker would end for the same reason."""
    if status == Ending.REFUSED:
        os._exit(status)
    if status == Ending.MISCONFIGURED:
        os._exit(1)  # as for an option that the parent finds wrong


def _end_with_parent() -> None:
    """Exit as soon as the parent dies.

    cotyledon 2.2 would shut down slowly, as after SIGTERM, and block the next n-cpu of
    this host for that long. The next n-cpu settles the unfinished actions.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(os.EX_TEMPFAIL)
