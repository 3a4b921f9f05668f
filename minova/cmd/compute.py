# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova-compute: the daemon n-cpu."""

import multiprocessing
import os
import pathlib
import sys
import threading

import cotyledon
from cotyledon import types
from oslo_config import cfg

# Modules are loaded before the fork, so that a worker that died is replaced in no time;
# connections are made after it.
from minova.cmd import compute_parts, one_per_host, start
from minova.compute import leaving
from minova.conf import rereading


class ComputeProcess(cotyledon.Service):
    """The one worker process; the parent only starts it again should it die."""

    name = "n-cpu"

    def __init__(self, worker_id: types.WorkerId, conf: cfg.ConfigOpts) -> None:
        super().__init__(worker_id)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        self._conf = conf
        self._service = compute_parts.create_service(conf, one_per_host.boot_id())

    def run(self) -> None:
        self._service.run()

    def terminate(self) -> None:
        self._service.terminate()
        self._service.give_host_back()

    def reload(self) -> None:
        """Read again what may change in a running process; drop no message for it."""
        rereading.reread(self._conf)
        self._service.change(compute_parts.settings(self._conf, one_per_host.boot_id()))


def main() -> None:
    """Run until SIGTERM; what is in hand then is finished."""
    conf = start.read_options(sys.argv[1:], "n-cpu.log")
    try:
        compute_parts.check(conf)
        lock = one_per_host.hold(pathlib.Path(conf.state_path), conf.host)
    except one_per_host.AlreadyServed as error:
        leaving.leave(leaving.REFUSED, str(error))
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
    # One worker, for the queue is the host's.
    processes.add(ComputeProcess, workers=1, args=(conf,))
    processes.run()
    os.close(lock)


def _end_with_refused_worker(_service: object, _worker: object, status: int) -> None:
    """Start no other one: it would be refused as well, again and again."""
    if status == leaving.REFUSED:
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
