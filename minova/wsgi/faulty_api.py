# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api whose answers can be made to fail (``minova up``, ``[testing] enabled``)."""

import contextlib
import os
import pathlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from oslo_config import cfg

from minova.api.faults.file_store import FileStore
from minova.api.faults.kinds import Part
from minova.api.faults.middleware import Outside
from minova.api.faults.orders import Orders
from minova.api.faults.registry import Faults
from minova.api.own_api.local import LocalCloud
from minova.connections import Connections
from minova.wsgi.n_api import Application


class FaultyApplication(Application):
    """n-api with the middlewares that carry out faults of answers."""

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        connected: Connections,
        orders: Orders,
        local: LocalCloud | None = None,
        waiting: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext,
    ) -> None:
        """Make n-api.

        Args:
            waiting: entered for as long as an answer is delayed.

        Raises:
            cfg.Error: an option has a value that cannot be used.
        """
        super().__init__(conf, connected, local, orders)
        self._outside = Outside(
            super().__call__, orders.faults, _identity_url(conf), waiting
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        return self._outside(environ, start_response)


def create_application(conf: cfg.ConfigOpts, connected: Connections) -> Application:
    """Make the n-api of a cluster, where only answers can be made to fail.

    Raises:
        cfg.Error: an option has a value that cannot be used, or n-api may not write
            the file of the faults.
    """
    if not os.access(conf.state_path, os.W_OK):
        raise cfg.Error(
            f"[testing] enabled cannot be used ({conf.state_path} cannot be written)"
        )
    faults = Faults(FileStore(pathlib.Path(conf.state_path, "faults.json")))
    orders = Orders(faults, connected.db, {Part.ANSWERS: None})
    return FaultyApplication(conf, connected, orders)


def _identity_url(conf: cfg.ConfigOpts) -> str | None:
    if conf.api.auth_strategy != "keystone":
        return None
    url: str | None = conf.keystone_authtoken.www_authenticate_uri
    return url
