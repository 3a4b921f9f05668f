# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Store aggregates, and the zone that they give each host.

Revision ID: 0010

On a running cloud: safe with daemons of the previous revision, which do not know the
new tables.  The new column is NULL, which means the default zone, the only one so far.
Create no other zone before the last of those daemons is gone: they place servers
without checking the zone.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    if_missing.create_numbered(
        "aggregates",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("created_at", if_missing.Time, nullable=False),
        sa.Column("updated_at", if_missing.Time),
        sa.UniqueConstraint("name", name="aggregates_name_uniq"),
        sqlite_autoincrement=True,
    )
    if_missing.create_numbered(
        "aggregate_hosts",
        sa.Column("aggregate_id", if_missing.Id, nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.UniqueConstraint("aggregate_id", "host", name="aggregate_hosts_uniq"),
    )
    if_missing.add_column(
        "compute_nodes", sa.Column("availability_zone", sa.String(length=255))
    )
