# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Store aggregates, and with each host the zone that they give it.

Revision ID: 0010

On a running cloud: safe beside daemons of the revision before.  Tables are added that
they do not know, and a column that is NULL: such a host is in the default zone, which
was the only one.  Make no other zones before the last of those daemons is gone: they
would place servers without a look at it.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from minova.db import if_missing

revision = "0010"
down_revision = "0008"

Id = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
Time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
TABLE: dict[str, Any] = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_nopad_bin",
}


def upgrade() -> None:
    if_missing.create_table(
        "aggregates",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="aggregates_name_uniq"),
        sqlite_autoincrement=True,
        **TABLE,
    )
    if_missing.create_table(
        "aggregate_hosts",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("aggregate_id", Id, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("aggregate_id", "host", name="aggregate_hosts_uniq"),
        **TABLE,
    )
    if_missing.add_column(
        "compute_nodes", sa.Column("availability_zone", sa.String(length=255))
    )
