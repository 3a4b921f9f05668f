# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api without minova: the least that its libraries must do for an accepted pause.

One row is read, one transaction claims the server, and one message is confirmed.  There
is no authentication, policy, validation or error.  n-api's gunicorn, engine, transport
and log are set up as minova does it.
"""

import os
import pathlib
from typing import Any

import falcon
import oslo_messaging
from oslo_context import context
from oslo_log import log as logging

from benchmarks.bare.database import LEADS, Rows
from benchmarks.bare.promises import InTime
from minova import conf as options
from minova.conf import logs
from minova.db.connection import engine
from minova.rpc import transport

LOG = logging.getLogger("minova.bare")


class _Server:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def on_get(self, _req: falcon.Request, resp: falcon.Response, uuid: str) -> None:
        context.RequestContext()
        LOG.debug("Fetching instance by UUID", instance_uuid=uuid)
        row = self._rows.show(uuid)
        shown = {name: value and str(value) for name, value in row.items()}
        shown["status"] = {"active": "ACTIVE", "paused": "PAUSED"}[row["vm_state"]]
        shown["OS-EXT-STS:task_state"] = row["task_state"]
        resp.media = {"server": shown}
        LOG.info("GET: 200")


class _Action:
    def __init__(self, rows: Rows, client: Any) -> None:
        self._rows = rows
        self._client = client
        self._in_time = InTime(seconds=3, threads=12)

    def on_post(self, req: falcon.Request, resp: falcon.Response, uuid: str) -> None:
        asker = context.RequestContext(user_id="bench", project_id="bench")
        (action,) = req.get_media()
        LOG.debug("Action: %s", action)
        LOG.debug("Fetching instance by UUID", instance_uuid=uuid)
        row = self._rows.show(uuid)
        if (
            row["task_state"] is not None
            or row["vm_state"] == LEADS[action][1]
            or not self._rows.claim(uuid, asker.request_id, action)
        ):
            resp.status = falcon.HTTP_CONFLICT
            LOG.info("POST: 409")
            return
        LOG.debug("Claimed for %s", action, instance_uuid=uuid)
        LOG.debug("CAST %s", action)
        client = self._client.prepare(server=row["host"])
        values = asker.to_dict()
        self._in_time(lambda: client.cast(values, action, instance_uuid=uuid))
        resp.status = falcon.HTTP_ACCEPTED
        LOG.info("POST: 202")


class _App(falcon.App[falcon.Request, falcon.Response]):
    def reread_options(self) -> None:
        """Do nothing.  ``gunicorn.conf.py`` calls this in each new worker."""


def _create() -> _App:
    conf = options.create("n-api.log")
    file = pathlib.Path(os.environ["OS_MINOVA_CONFIG_DIR"], "minova.conf")
    conf([], default_config_files=[str(file)], default_config_dirs=[])
    logs.setup(conf)
    rows = Rows(engine.create(conf))
    client = oslo_messaging.get_rpc_client(
        transport.create_transport(conf),
        oslo_messaging.Target(topic=transport.TOPIC, version="1.0"),
        transport_options=oslo_messaging.TransportOptions(at_least_once=True),
    )
    app = _App()
    app.add_route("/v2.1/servers/{uuid}", _Server(rows))
    app.add_route("/v2.1/servers/{uuid}/action", _Action(rows, client))
    return app


application = _create()
