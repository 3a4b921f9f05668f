# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A commit waits for the disk, so an answer 202 survives a power cut."""

import sqlalchemy as sa

_FULL = 2
"""SQLite's number for synchronous = FULL."""


def test_every_connection_waits_for_the_disk(sql: sa.Engine) -> None:
    with sql.connect() as one, sql.connect() as another:
        for connection in (one, another):
            asked = connection.exec_driver_sql("PRAGMA synchronous")
            assert asked.scalar_one() == _FULL
            mode = connection.exec_driver_sql("PRAGMA journal_mode")
            assert mode.scalar_one() == "wal"
