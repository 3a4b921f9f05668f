# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How long a guest may take to power off: by its image, or by the option."""

import logging
from typing import Any

import pytest
import sqlalchemy as sa

from minova.compute.manager import ComputeManager
from minova.db.api import Database
from minova.db.connection import engine
from minova.db.tables import instances
from minova.objects.instance import Instance
from minova.virt.driver import Shutdown
from minova.virt.fake import FakeDriver
from minova.vocabulary.instance_actions import STOP
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import NewServer, context

NO_IMAGE: Any = None  # the fake driver does not read it


class Watched(FakeDriver):
    """Records its arguments."""

    shutdown: Shutdown | None = None

    def power_off(self, instance: Instance, shutdown: Shutdown | None = None) -> None:
        self.shutdown = shutdown
        super().power_off(instance, shutdown)


@pytest.mark.parametrize(
    ("properties", "seconds"),
    [
        (None, 60),
        ({}, 60),
        ({"os_shutdown_timeout": "7"}, 7),
        ({"os_shutdown_timeout": 7}, 7),
        ({"os_shutdown_timeout": "0"}, 0),
        ({"os_shutdown_timeout": "-7"}, -7),
        ({"os_shutdown_timeout": "9" * 30}, 3600),
        ({"os_shutdown_timeout": "soon"}, 60),
        ({"os_shutdown_timeout": None}, 60),
        ({"os_shutdown_timeout": ["7"]}, 60),
    ],
)
def test_a_timeout_that_is_not_a_number_is_ignored(
    db: Database,
    manager: ComputeManager,
    new_server: NewServer,
    sql: sa.Engine,
    caplog: pytest.LogCaptureFixture,
    properties: dict[str, Any] | None,
    seconds: int,
) -> None:
    driver = manager.driver = Watched("host-1")
    server = new_server(VMState.ACTIVE)
    with engine.to_write(sql) as connection, connection.begin():
        connection.execute(sa.update(instances).values(image_properties=properties))
    driver.spawn(server, NO_IMAGE)
    asked = context()
    assert db.instance_claim(asked, server.uuid, STOP)

    with caplog.at_level(logging.WARNING):
        manager.stop_instance(asked, server.uuid)

    assert driver.shutdown is not None
    assert driver.shutdown.timeout == seconds
    said = (properties or {}).get("os_shutdown_timeout")
    ignored = said is not None and seconds == 60
    line = (
        f"Metadata value {said} for image_os_shutdown_timeout is not of type "
        "<class 'int'>. Using default value 60."
    )
    assert (line in caplog.messages) == ignored
