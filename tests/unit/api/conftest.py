# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The API without a server around it, and without a broker."""

from typing import Any

from falcon import testing

from minova import conf as options
from minova import rpc
from minova.api import app
from minova.connections import Connections
from minova.context import RequestContext
from minova.db.api import Database
from minova.wsgi import n_api
from tests.unit.conftest import context


def caller(*, admin: bool = False, project_id: str = "demo") -> RequestContext:
    """A user, with a unique request id."""
    roles = ["reader", "member", *(["admin"] if admin else [])]
    return context(roles=roles, is_admin=admin, project_id=project_id)


def client_of(db: Database, images: Any) -> testing.TestClient:
    """A client of an API over a database and images."""
    conf = options.create("n-api.log")
    conf([], default_config_files=[], default_config_dirs=[])
    connected = Connections(db, rpc.create_transport(conf), images)
    return testing.TestClient(app.create_app(n_api.create_backend(conf, connected)))
