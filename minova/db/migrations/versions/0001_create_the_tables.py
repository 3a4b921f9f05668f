# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Create the tables, and the three flavors every cloud begins with.

Revision ID: 0001

On a running cloud: there is none yet.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from minova.db import if_missing

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
Time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
# Binary, no padding: project Demo is not demo, and "42 " not 42, as on SQLite.
TABLE: dict[str, Any] = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_nopad_bin",
}


def upgrade() -> None:
    if_missing.create_table(
        "compute_nodes",
        sa.Column("id", Id, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("hypervisor_hostname", sa.String(length=255), nullable=False),
        sa.Column("hypervisor_type", sa.String(length=255), nullable=False),
        sa.Column("hypervisor_version", sa.Integer(), nullable=False),
        sa.Column("vcpus", sa.Integer(), nullable=False),
        sa.Column("vcpus_limit", sa.Integer(), nullable=False),
        sa.Column("vcpus_used", sa.Integer(), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("memory_mb_limit", sa.Integer(), nullable=False),
        sa.Column("memory_mb_used", sa.Integer(), nullable=False),
        sa.Column("local_gb", sa.Integer(), nullable=False),
        sa.Column("updated_at", Time, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("host"),
        sa.UniqueConstraint("uuid"),
        **TABLE,
    )
    if_missing.create_table(
        "flavors",
        sa.Column("id", Id, nullable=False),
        sa.Column("flavorid", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("vcpus", sa.Integer(), nullable=False),
        sa.Column("root_gb", sa.Integer(), nullable=False),
        sa.Column("ephemeral_gb", sa.Integer(), nullable=False),
        sa.Column("swap", sa.Integer(), nullable=False),
        sa.Column("rxtx_factor", sa.Double(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("description", Text, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("flavorid"),
        sa.UniqueConstraint("name"),
        **TABLE,
    )
    if_missing.create_table(
        "instance_actions",
        sa.Column("id", Id, nullable=False),
        sa.Column("action", sa.String(length=255), nullable=False),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("start_time", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=True),
        sa.Column("message", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "instance_uuid", "request_id", name="instance_actions_request_uniq"
        ),
        **TABLE,
    )
    if_missing.create_table(
        "instance_faults",
        sa.Column("id", Id, nullable=False),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=255), nullable=False),
        sa.Column("details", Text, nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        **TABLE,
    )
    if_missing.create_index(
        "ix_instance_faults_instance_uuid", "instance_faults", ["instance_uuid"]
    )

    if_missing.create_table(
        "instances",
        sa.Column("id", Id, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=True),
        sa.Column("deleted_at", Time, nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.String(length=255), nullable=False),
        sa.Column("hostname", sa.String(length=255), nullable=False),
        sa.Column("reservation_id", sa.String(length=255), nullable=False),
        sa.Column("image_ref", sa.String(length=255), nullable=False),
        sa.Column("flavor", sa.JSON(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("vcpus", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("availability_zone", sa.String(length=255), nullable=True),
        sa.Column("vm_state", sa.String(length=255), nullable=False),
        sa.Column("task_state", sa.String(length=255), nullable=True),
        sa.Column("power_state", sa.Integer(), nullable=False),
        sa.Column("claim_request_id", sa.String(length=255), nullable=True),
        sa.Column("claim_started_at", Time, nullable=True),
        sa.Column("claimed_at", Time, nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("key_name", sa.String(length=255), nullable=True),
        sa.Column("user_data", Text, nullable=True),
        sa.Column("config_drive", sa.Boolean(), nullable=False),
        sa.Column("disk_config", sa.String(length=16), nullable=False),
        sa.Column("access_ip_v4", sa.String(length=39), nullable=True),
        sa.Column("access_ip_v6", sa.String(length=39), nullable=True),
        sa.Column("launched_at", Time, nullable=True),
        sa.Column("terminated_at", Time, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uuid"),
        **TABLE,
    )
    if_missing.create_index("instances_deleted_idx", "instances", ["deleted", "id"])
    if_missing.create_index(
        "instances_host_deleted_task_state_idx",
        "instances",
        ["host", "deleted", "task_state"],
    )
    if_missing.create_index(
        "instances_project_deleted_idx", "instances", ["project_id", "deleted", "id"]
    )

    if_missing.create_table(
        "services",
        sa.Column("id", Id, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("binary", sa.String(length=255), nullable=False),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=255), nullable=True),
        sa.Column("forced_down", sa.Boolean(), nullable=False),
        sa.Column("last_seen_up", Time, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("host", "binary", name="services_host_uniq"),
        sa.UniqueConstraint("uuid"),
        **TABLE,
    )
    if_missing.create_table(
        "instance_actions_events",
        sa.Column("id", Id, nullable=False),
        sa.Column("action_id", Id, nullable=False),
        sa.Column("event", sa.String(length=255), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("start_time", Time, nullable=False),
        sa.Column("finish_time", Time, nullable=True),
        sa.Column("result", sa.String(length=255), nullable=True),
        sa.Column("details", Text, nullable=True),
        sa.Column("traceback", Text, nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["instance_actions.id"]),
        sa.PrimaryKeyConstraint("id"),
        **TABLE,
    )
    if_missing.create_index(
        "ix_instance_actions_events_action_id", "instance_actions_events", ["action_id"]
    )

    # Committed with the revision's number, or not at all: no need to look.
    flavors = sa.table(
        "flavors",
        *(
            sa.column(name)
            for name in (
                "flavorid",
                "name",
                "memory_mb",
                "vcpus",
                "root_gb",
                "ephemeral_gb",
                "swap",
                "rxtx_factor",
                "disabled",
                "is_public",
            )
        ),
    )
    rest = {
        "ephemeral_gb": 0,
        "swap": 0,
        "rxtx_factor": 1.0,
        "disabled": False,
        "is_public": True,
    }
    op.bulk_insert(
        flavors,
        [
            {"flavorid": flavorid, "name": name, "memory_mb": memory_mb, **rest}
            | {"vcpus": 1, "root_gb": root_gb}
            for flavorid, name, memory_mb, root_gb in (
                ("1", "m1.tiny", 512, 1),
                ("2", "m1.small", 2048, 20),
                ("42", "m1.nano", 128, 1),
            )
        ],
    )
