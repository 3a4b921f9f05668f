# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The API without a server around it, and without a broker."""

from typing import Any

from falcon import testing
from oslo_config import cfg

from minova.api import app
from minova.api.collaborators import Parts
from minova.compute_api.api import API
from minova.compute_api.flavors import FlavorAPI
from minova.compute_api.hosts import HostAPI
from minova.compute_api.keypairs import KeypairAPI
from minova.compute_api.quotas import Quotas
from minova.context import RequestContext
from minova.db.api import Database
from minova.policy import Enforcer
from tests.unit.conftest import HOST, context


def caller(*, admin: bool = False, project_id: str = "demo") -> RequestContext:
    """A user, with a request id that no other request has."""
    roles = ["reader", "member", *(["admin"] if admin else [])]
    return context(roles=roles, is_admin=admin, project_id=project_id)


def client_of(db: Database, images: Any) -> testing.TestClient:
    """A client of an API over a database and images."""
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    nobody: Any = None
    quotas = Quotas(db, {})
    parts = Parts(
        compute=API(db, nobody, images, 60, quotas, host=HOST),
        flavors=FlavorAPI(db),
        keypairs=KeypairAPI(db, quotas),
        quotas=quotas,
        hosts=HostAPI(db, 60),
        enforcer=Enforcer(conf),
        max_limit=1000,
        has_keystone=False,
    )
    return testing.TestClient(app.create_app(parts))
