# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Store what a host reports about itself, and give quotas a row to lock.

Revision ID: 0004

On a running cloud: safe with daemons of revision 0003.  The new columns are NULL or
have a default in the database, and nobody uses the new table yet.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for column in (
        sa.Column("uptime", sa.String(length=255)),
        sa.Column("disk_available_least", sa.Integer()),
        sa.Column(
            "memory_mb_reserved", sa.Integer(), nullable=False, server_default="0"
        ),
    ):
        if_missing.add_column("compute_nodes", column)
    if_missing.create_table(
        "quota_locks",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
