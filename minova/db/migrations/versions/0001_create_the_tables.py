# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Create the tables, and the three flavors that every cloud starts with.

Revision ID: 0001

There is no running cloud yet.
"""

import sqlalchemy as sa
from alembic import op

from minova.db import if_missing

revision = "0001"
down_revision = None


def upgrade() -> None:
    if_missing.create_numbered(
        "compute_nodes",
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
        sa.Column("updated_at", if_missing.Time, nullable=True),
        sa.UniqueConstraint("host"),
        sa.UniqueConstraint("uuid"),
    )
    if_missing.create_numbered(
        "flavors",
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
        sa.Column("description", if_missing.Text, nullable=True),
        sa.UniqueConstraint("flavorid"),
        sa.UniqueConstraint("name"),
    )
    if_missing.create_numbered(
        "instance_actions",
        sa.Column("action", sa.String(length=255), nullable=False),
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("start_time", if_missing.Time, nullable=False),
        sa.Column("updated_at", if_missing.Time, nullable=True),
        sa.Column("message", sa.String(length=255), nullable=True),
        sa.UniqueConstraint(
            "instance_uuid", "request_id", name="instance_actions_request_uniq"
        ),
    )
    if_missing.create_numbered(
        "instance_faults",
        sa.Column("instance_uuid", sa.String(length=36), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=255), nullable=False),
        sa.Column("details", if_missing.Text, nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("created_at", if_missing.Time, nullable=False),
    )
    if_missing.create_index(
        "ix_instance_faults_instance_uuid", "instance_faults", ["instance_uuid"]
    )

    if_missing.create_numbered(
        "instances",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("created_at", if_missing.Time, nullable=False),
        sa.Column("updated_at", if_missing.Time, nullable=True),
        sa.Column("deleted_at", if_missing.Time, nullable=True),
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
        sa.Column("claim_started_at", if_missing.Time, nullable=True),
        sa.Column("claimed_at", if_missing.Time, nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("key_name", sa.String(length=255), nullable=True),
        sa.Column("user_data", if_missing.Text, nullable=True),
        sa.Column("config_drive", sa.Boolean(), nullable=False),
        sa.Column("disk_config", sa.String(length=16), nullable=False),
        sa.Column("access_ip_v4", sa.String(length=39), nullable=True),
        sa.Column("access_ip_v6", sa.String(length=39), nullable=True),
        sa.Column("launched_at", if_missing.Time, nullable=True),
        sa.Column("terminated_at", if_missing.Time, nullable=True),
        sa.UniqueConstraint("uuid"),
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

    if_missing.create_numbered(
        "services",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("binary", sa.String(length=255), nullable=False),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=255), nullable=True),
        sa.Column("forced_down", sa.Boolean(), nullable=False),
        sa.Column("last_seen_up", if_missing.Time, nullable=True),
        sa.UniqueConstraint("host", "binary", name="services_host_uniq"),
        sa.UniqueConstraint("uuid"),
    )
    if_missing.create_numbered(
        "instance_actions_events",
        sa.Column("action_id", if_missing.Id, nullable=False),
        sa.Column("event", sa.String(length=255), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("start_time", if_missing.Time, nullable=False),
        sa.Column("finish_time", if_missing.Time, nullable=True),
        sa.Column("result", sa.String(length=255), nullable=True),
        sa.Column("details", if_missing.Text, nullable=True),
        sa.Column("traceback", if_missing.Text, nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["instance_actions.id"]),
    )
    if_missing.create_index(
        "ix_instance_actions_events_action_id", "instance_actions_events", ["action_id"]
    )

    # Committed together with the revision's number, so no check is needed.
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
