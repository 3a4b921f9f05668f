# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Add what the API shows beyond the path: tags, keypairs, quotas, specs of flavors.

Revision ID: 0002

On a running cloud: safe beside daemons of revision 0001.  Columns are added that are
NULL or have a default in the database, and tables that nobody asks for yet; MariaDB
does both at once, without copying a table, and SQLite rewrites no row.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from minova.db import if_missing

revision = "0002"
down_revision = "0001"

Id = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
Time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
TABLE: dict[str, Any] = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_nopad_bin",
}


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
        sa.Column("key_data", Text),
        sa.Column("admin_password", sa.String(length=255)),
    ):
        if_missing.add_column("instances", column)
    if_missing.add_column("services", sa.Column("boot_id", sa.String(length=36)))
    if_missing.add_column("compute_nodes", sa.Column("host_ip", sa.String(length=39)))
    if_missing.add_column("compute_nodes", sa.Column("cpu_info", sa.JSON()))
    if_missing.create_table(
        "tags",
        sa.Column("id", Id, nullable=False),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_uuid", "tag", name="tags_instance_uniq"),
        **TABLE,
    )
    if_missing.create_index("tags_tag_idx", "tags", ["tag"])
    if_missing.create_table(
        "flavor_extra_specs",
        sa.Column("id", Id, nullable=False),
        sa.Column("flavorid", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("flavorid", "key", name="flavor_extra_specs_uniq"),
        **TABLE,
    )
    if_missing.create_table(
        "flavor_projects",
        sa.Column("id", Id, nullable=False),
        sa.Column("flavorid", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("flavorid", "project_id", name="flavor_projects_uniq"),
        **TABLE,
    )
    if_missing.create_table(
        "key_pairs",
        sa.Column("id", Id, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=255), nullable=False),
        sa.Column("public_key", Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "name", name="key_pairs_user_uniq"),
        **TABLE,
    )
    if_missing.create_table(
        "quotas",
        sa.Column("id", Id, nullable=False),
        sa.Column("class_name", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("hard_limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "class_name", "project_id", "user_id", "resource", name="quotas_uniq"
        ),
        **TABLE,
    )
