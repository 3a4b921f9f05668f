# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Add server groups, and find the servers of a period without reading the others.

Revision ID: 0009

On a running cloud: safe with daemons of revision 0008, which do not know groups.  A
server that one of their hosts deletes stays a member, but is not shown.  MariaDB builds
the indexes while servers are read and written.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    if_missing.create_numbered(
        "instance_groups",
        sa.Column("created_at", if_missing.Time, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("policy", sa.String(length=255), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.UniqueConstraint("uuid"),
    )
    if_missing.create_index(
        "instance_groups_project_idx", "instance_groups", ["project_id", "id"]
    )
    if_missing.create_numbered(
        "instance_group_member",
        sa.Column("group_id", if_missing.Id, nullable=False),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.UniqueConstraint("instance_uuid", name="instance_group_member_uniq"),
    )
    if_missing.create_index(
        "instance_group_member_group_idx", "instance_group_member", ["group_id", "id"]
    )
    if_missing.create_index("instances_terminated_idx", "instances", ["terminated_at"])
    if_missing.create_index(
        "instances_project_terminated_idx", "instances", ["project_id", "terminated_at"]
    )
