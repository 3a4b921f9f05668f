# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The connections of both daemons, made from the options."""

import dataclasses
import pathlib
from typing import Any

from oslo_config import cfg

from minova import rpc
from minova.db.api import Database
from minova.db.connection import engine
from minova.images import ImageDirectory, ImageSource


@dataclasses.dataclass(frozen=True, slots=True)
class Connections:
    """Connections, which n-api and n-cpu can share if they run in one process."""

    db: Database
    transport: Any
    images: ImageSource

    def close(self) -> None:
        """Close the connections, after everything that uses them was closed."""
        self.transport.cleanup()
        self.db.close()


def create(conf: cfg.ConfigOpts) -> Connections:
    """Make the connections.  Each opens when it is first used, after any fork.

    Raises:
        cfg.Error: an option has a value that cannot be used.
    """
    state_path = pathlib.Path(conf.state_path)
    images: ImageSource = ImageDirectory(state_path / "images")
    if conf.glance.endpoint:
        # keystoneauth and requests take 8 MiB.
        from minova.conf import glance_client  # noqa: PLC0415
        from minova.images.cache import Cache  # noqa: PLC0415
        from minova.images.glance import Glance  # noqa: PLC0415

        images = Glance(
            conf.glance.endpoint,
            glance_client.session(conf),
            credentials=glance_client.credentials(conf),
            cache=Cache(state_path / "images-cache"),
        )
    return Connections(
        Database(engine.create(conf)), rpc.create_transport(conf), images
    )
