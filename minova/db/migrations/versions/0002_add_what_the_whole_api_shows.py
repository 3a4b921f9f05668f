# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Add tags, keypairs, quotas, flavor specs and more columns for the whole API.

Revision ID: 0002

On a running cloud: safe with daemons of revision 0001.  The new columns are NULL or
have a default in the database, and nobody uses the new tables yet.  MariaDB adds both
instantly, without copying a table.  SQLite rewrites no row.
"""

import sqlalchemy as sa

from minova.db import if_missing

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for column in (
        sa.Column("locked_by", sa.String(length=16)),
        sa.Column("locked_reason", sa.String(length=255)),
        sa.Column("display_description", sa.String(length=255)),
        sa.Column("launch_index", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("pinned_availability_zone", sa.String(length=255)),
        sa.Column("image_properties", sa.JSON()),
        sa.Column("scheduler_hints", sa.JSON()),
        sa.Column("trusted_certs", sa.JSON()),
        sa.Column("network_info", sa.JSON()),
        sa.Column("key_data", if_missing.Text),
        sa.Column("admin_password", sa.String(length=255)),
    ):
        if_missing.add_column("instances", column)
    if_missing.add_column("services", sa.Column("boot_id", sa.String(length=36)))
    if_missing.add_column("compute_nodes", sa.Column("host_ip", sa.String(length=39)))
    if_missing.add_column("compute_nodes", sa.Column("cpu_info", sa.JSON()))
    if_missing.create_numbered(
        "tags",
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.UniqueConstraint("instance_uuid", "tag", name="tags_instance_uniq"),
    )
    if_missing.create_index("tags_tag_idx", "tags", ["tag"])
    if_missing.create_numbered(
        "flavor_extra_specs",
        sa.Column("flavorid", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=True),
        sa.UniqueConstraint("flavorid", "key", name="flavor_extra_specs_uniq"),
    )
    if_missing.create_numbered(
        "flavor_projects",
        sa.Column("flavorid", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.UniqueConstraint("flavorid", "project_id", name="flavor_projects_uniq"),
    )
    if_missing.create_numbered(
        "key_pairs",
        sa.Column("created_at", if_missing.Time, nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=255), nullable=False),
        sa.Column("public_key", if_missing.Text, nullable=False),
        sa.UniqueConstraint("user_id", "name", name="key_pairs_user_uniq"),
    )
    if_missing.create_numbered(
        "quotas",
        sa.Column("class_name", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("hard_limit", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "class_name", "project_id", "user_id", "resource", name="quotas_uniq"
        ),
    )
