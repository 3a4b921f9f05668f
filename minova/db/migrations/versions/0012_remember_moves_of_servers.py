# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Record resizes of servers, and attempts to move them.

Revision ID: 0012

On a running cloud: safe with daemons of the previous revision, which do not know the
new table.  Their hosts are not asked for a resize, because they do not understand the
message.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    if_missing.create_numbered(
        "migrations",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("created_at", if_missing.Time, nullable=False),
        sa.Column("updated_at", if_missing.Time),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("migration_type", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("source_compute", sa.String(length=255), nullable=False),
        sa.Column("source_node", sa.String(length=255)),
        sa.Column("dest_compute", sa.String(length=255)),
        sa.Column("dest_node", sa.String(length=255)),
        sa.Column("dest_host", sa.String(length=39)),
        sa.Column("old_vm_state", sa.String(length=32), nullable=False),
        sa.Column("old_flavor", sa.JSON(), nullable=False),
        sa.Column("new_flavor", sa.JSON(), nullable=False),
        sa.Column("old_instance_type_id", if_missing.Id),
        sa.Column("new_instance_type_id", if_missing.Id),
        sa.UniqueConstraint("uuid", name="migrations_uuid_uniq"),
    )
    if_missing.create_index(
        "migrations_instance_status_idx", "migrations", ["instance_uuid", "status"]
    )
    if_missing.create_index(
        "migrations_source_status_idx", "migrations", ["source_compute", "status"]
    )
    if_missing.create_index(
        "migrations_created_idx", "migrations", ["created_at", "id"]
    )
