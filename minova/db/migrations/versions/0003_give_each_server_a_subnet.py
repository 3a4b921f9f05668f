# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Give each server a subnet: a table in which each number belongs to one server.

Revision ID: 0003

On a running cloud: safe with daemons of revision 0002, which do not know the table.
Existing servers stay without a NIC.  If a daemon of this revision builds such a server,
the server gets one.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if_missing.create_table(
        "subnets",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("instance_uuid", name="subnets_instance_uniq"),
    )
