# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What both daemons are connected to, made from the options."""

import dataclasses
import pathlib
from typing import Any

from oslo_config import cfg

from minova import rpc
from minova.conf import glance
from minova.db.api import Database
from minova.db.connection import engine
from minova.images import ImageDirectory, ImageSource
from minova.images.cache import Cache
from minova.images.glance import Glance


@dataclasses.dataclass(frozen=True, slots=True)
class Connections:
    """An n-api and an n-cpu of one process may share them."""

    db: Database
    transport: Any
    images: ImageSource

    def close(self) -> None:
        """Once those who use them are closed."""
        self.transport.cleanup()
        self.db.close()


def create(conf: cfg.ConfigOpts) -> Connections:
    """Make them; each connects when it is first used, after any fork.

    Raises:
        cfg.Error: something could not be made of the options.
    """
    state_path = pathlib.Path(conf.state_path)
    images: ImageSource = ImageDirectory(state_path / "images")
    if conf.glance.endpoint:
        images = Glance(
            conf.glance.endpoint,
            glance.session(conf),
            credentials=glance.credentials(conf),
            cache=Cache(state_path / "images-cache"),
        )
    return Connections(
        Database(engine.create(conf)), rpc.create_transport(conf), images
    )
