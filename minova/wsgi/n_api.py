# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api, assembled from its options."""

import os
import pathlib

from oslo_config import cfg

from minova import conf as options
from minova import connections, policy
from minova.api import app
from minova.api.backend import Backend
from minova.api.faults.middleware import Inside
from minova.api.faults.orders import Orders
from minova.api.front import deploy, microversion, mounting
from minova.api.front.version_range import MAX_VERSION, MIN_VERSION, text
from minova.api.image_api import app as image_app
from minova.api.own_api import app as own_app
from minova.api.own_api.local import LocalCloud
from minova.compute_api.aggregates import AggregateAPI
from minova.compute_api.api import API
from minova.compute_api.flavors import FlavorAPI
from minova.compute_api.hosts import HostAPI
from minova.compute_api.keypairs import KeypairAPI
from minova.compute_api.projects.quotas import Quotas
from minova.compute_api.projects.server_groups import ServerGroupAPI
from minova.compute_api.projects.usage import UsageAPI
from minova.compute_api.rpcapi import ComputeAPI
from minova.conf import logs, quota, rereading
from minova.connections import Connections


class Application(deploy.Stack):
    """n-api as a WSGI application.

    It connects to nothing and starts no thread before the first request: gunicorn forks
    after making it.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        connected: Connections,
        local: LocalCloud | None = None,
        orders: Orders | None = None,
    ) -> None:
        """Make n-api.

        Args:
            local: the cloud, if all of it runs in this process.
            orders: takes orders for faults (``minova.wsgi.faulty_api``).

        Raises:
            cfg.Error: an option has a value that cannot be used.
        """
        self._conf = conf
        self._backend = create_backend(conf, connected)
        beside = {own_app.PREFIX: own_app.create_app(local, orders)}
        if not conf.glance.endpoint:
            beside[image_app.PREFIX] = image_app.create_app(connected.images)
        mounted = mounting.mount(beside, app.create_app(self._backend))
        if orders is not None:
            mounted = Inside(mounted, orders.faults)
        super().__init__(mounted, conf, self._backend.enforcer)

    def reread_options(self) -> None:
        """Read the mutable options again; for a worker that has just started."""
        rereading.reread(self._conf)

    def close(self) -> None:
        """End n-api's threads.  The caller closes the connections."""
        self._backend.compute.close()


def create_application() -> Application:
    """Read the options, set up logging, and make n-api.

    The options are in ``minova.conf`` and ``minova.conf.d/*.conf``, in the folder
    ``$OS_MINOVA_CONFIG_DIR`` or ``/etc/minova``.  The command line belongs to gunicorn.
    """
    conf = options.create("n-api.log")
    folder = pathlib.Path(os.environ.get("OS_MINOVA_CONFIG_DIR", "/etc/minova"))
    conf(
        [],
        project="minova",
        default_config_files=_existing(folder / "minova.conf"),
        default_config_dirs=_existing(folder / "minova.conf.d"),
    )
    logs.setup(conf)
    return application_of(conf, connections.create(conf))


def application_of(conf: cfg.ConfigOpts, connected: Connections) -> Application:
    """Make the n-api of a cluster.

    Raises:
        cfg.Error: an option has a value that cannot be used.
    """
    if conf.testing.enabled:
        from minova.wsgi import faulty_api  # noqa: PLC0415 - for tests of tools only

        return faulty_api.create_application(conf, connected)
    return Application(conf, connected)


def create_backend(conf: cfg.ConfigOpts, connected: Connections) -> Backend:
    """Make everything that the API's resources call, with the values of the options."""
    db = connected.db
    quotas = Quotas(db, quota.limits(conf))
    compute = API(
        db,
        ComputeAPI(connected.transport, conf.rpc_delivery_timeout),
        connected.images,
        conf.service_down_time,
        quotas,
        host=conf.host,
        has_catalog=conf.api.auth_strategy == "keystone",
        allow_resize_to_same_host=conf.allow_resize_to_same_host,
        defers_deletes=conf.reclaim_instance_interval > 0,
    )
    return Backend(
        compute=compute,
        flavors=FlavorAPI(db),
        keypairs=KeypairAPI(db, quotas),
        quotas=quotas,
        hosts=HostAPI(db, conf.service_down_time),
        aggregates=AggregateAPI(db),
        server_groups=ServerGroupAPI(db, quotas),
        usage=UsageAPI(db),
        enforcer=policy.Enforcer(conf),
        max_version=_max_version(conf.api.max_version),
        max_limit=conf.api.max_limit,
        has_keystone=conf.api.auth_strategy == "keystone",
    )


def _max_version(asked: str) -> tuple[int, int]:
    version = microversion.parse(asked)
    if not MIN_VERSION <= version <= MAX_VERSION:
        raise cfg.Error(
            f"[api] max_version cannot be used (it must be {text(MIN_VERSION)} to "
            f"{text(MAX_VERSION)})"
        )
    return version


def _existing(path: pathlib.Path) -> list[str]:
    return [str(path)] if path.exists() else []
