# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-cpu without minova: the least that its libraries must do for a pause.

Two transactions, and two calls of libvirt between them.  There are no checks of
messages, no locks, no limits of time, and nobody listens to libvirt's events.  It is
one process, where n-cpu has a parent and a worker.
"""

import pathlib
import signal
import sys
import threading
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
        self._libvirt = libvirt.open(conf.libvirt.connection_uri)
        # libvirt's test driver is in this process and has none of n-cpu's guests.
        self._is_test = conf.libvirt.virt_type == "test"
        self._domains: dict[str, libvirt.virDomain] = {}

    @oslo_messaging.expose
    def pause(self, asked: dict[str, Any], instance_uuid: str) -> None:
        self._perform("pause", libvirt.virDomain.suspend, asked, instance_uuid)

    @oslo_messaging.expose
    def unpause(self, asked: dict[str, Any], instance_uuid: str) -> None:
        self._perform("unpause", libvirt.virDomain.resume, asked, instance_uuid)

    def _perform(
        self, action: str, tell: Any, asked: dict[str, Any], uuid: str
    ) -> None:
        asker = context.RequestContext.from_dict(asked)
        self._rows.start(uuid, asker.request_id, action, self._host)
        LOG.info("%s", action)
        domain = self._domains.get(uuid) or self._found(uuid)
        tell(domain)
        LOG.debug("Checking state")
        power = domain.state()[0]
        self._rows.finish(uuid, asker.request_id, action, power)

    def _found(self, uuid: str) -> libvirt.virDomain:
        if self._is_test:
            domain = self._libvirt.createXML(_OF_TEST_DRIVER.format(uuid=uuid))
        else:
            domain = self._libvirt.lookupByUUIDString(uuid)
        self._domains[uuid] = domain
        return domain


def main() -> None:
    conf = options.create("n-cpu.log")
    conf(sys.argv[1:], default_config_dirs=[])
    logs.setup(conf)
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
