# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-cpu without minova: the least that its libraries must do for a pause.

Two transactions, and the calls of libvirt between them.  There are no checks of
messages and no locks.  It is one process, where n-cpu has a parent and a worker.
"""

import pathlib
import signal
import sys
import threading
import time
from concurrent import futures
from typing import Any

# isort: split
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from minova import native_threads  # noqa: F401 - chooses them at its import

# isort: split
import libvirt
import oslo_messaging
from oslo_config import cfg
from oslo_context import context
from oslo_log import log as logging
from oslo_messaging.rpc.server import RPCServer

from benchmarks.bare.database import Rows
from benchmarks.bare.promises import KEPT, Echo, InTime
from minova import conf as options
from minova.conf import logs
from minova.db.connection import engine
from minova.rpc import transport

LOG = logging.getLogger("minova.bare")

_OF_TEST_DRIVER = (
    "<domain type='test'><name>{uuid}</name><uuid>{uuid}</uuid>"
    "<memory>1024</memory><os><type>hvm</type></os></domain>"
)


class _Server(RPCServer):  # type: ignore[misc]
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        # As in minova.rpc.server: not a new thread for each of the first messages.
        self._executor_cls = futures.ThreadPoolExecutor


class _Host:
    target = oslo_messaging.Target(version="1.0")

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._host = conf.host
        self._rows = Rows(engine.create(conf))
        self._in_time = InTime(conf.libvirt.call_timeout, threads=64)
        echo = Echo() if KEPT else None
        self._libvirt = libvirt.open(conf.libvirt.connection_uri)
        if echo is not None:
            echo.follow(self._libvirt)
        # libvirt's test driver is in this process and has none of n-cpu's guests.
        self._is_test = conf.libvirt.virt_type == "test"
        self._domains: dict[str, libvirt.virDomain] = {}

    @oslo_messaging.expose
    def pause(self, asked: dict[str, Any], instance_uuid: str) -> None:
        def pause() -> None:
            self._find(instance_uuid).suspend()

        self._perform("pause", pause, asked, instance_uuid)

    @oslo_messaging.expose
    def unpause(self, asked: dict[str, Any], instance_uuid: str) -> None:
        def unpause() -> None:
            domain = self._find(instance_uuid)
            domain.resume()
            if not self._is_test:
                _set_time(domain, instance_uuid)

        self._perform("unpause", unpause, asked, instance_uuid)

    def _perform(
        self, action: str, tell: Any, asked: dict[str, Any], uuid: str
    ) -> None:
        asker = context.RequestContext.from_dict(asked)
        self._rows.start(uuid, asker.request_id, action, self._host)
        LOG.info("%s", action, instance_uuid=uuid)
        self._in_time(tell)
        LOG.debug("Checking state", instance_uuid=uuid)
        power = self._in_time(self._domains[uuid].state)[0]
        self._rows.finish(uuid, asker.request_id, action, power)

    def _find(self, uuid: str) -> libvirt.virDomain:
        if not self._is_test:
            self._domains[uuid] = self._libvirt.lookupByUUIDString(uuid)
        elif uuid not in self._domains:
            described = _OF_TEST_DRIVER.format(uuid=uuid)
            self._domains[uuid] = self._libvirt.createXML(described)
        return self._domains[uuid]


def _set_time(domain: libvirt.virDomain, uuid: str) -> None:
    try:
        domain.setTime({"seconds": int(time.time()), "nseconds": 0})
    except libvirt.libvirtError as error:
        LOG.debug("Failed to set time: %s", error, instance_uuid=uuid)


def main() -> None:
    conf = options.create("n-cpu.log")
    conf(sys.argv[1:], default_config_dirs=[])
    logs.setup(conf)
    libvirt.registerErrorHandler(lambda *_: None, None)
    server = oslo_messaging.get_rpc_server(
        transport.create_transport(conf),
        oslo_messaging.Target(topic=transport.TOPIC, server=conf.host),
        [_Host(conf)],
        access_policy=oslo_messaging.ExplicitRPCAccessPolicy,
        server_cls=_Server,
    )
    told_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_stop.set())
    server.start()
    LOG.info("Consuming from %s", conf.host)
    told_to_stop.wait()
    server.stop()


if __name__ == "__main__":
    main()
