# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The tables, with Nova's names for everything that Nova has too.

No classes are mapped to them, because with SQLAlchemy's ORM a daemon's imports take 6.7
MiB more (measured).  A column may be NULL unless it says ``nullable=False``.
"""

import sqlalchemy as sa
from oslo_utils import uuidutils

from minova.db.column_types import Id, PowerStateNumber, StateName, Text, Time
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

metadata = sa.MetaData()
"""All tables.  Alembic compares them with the database."""

instances = sa.Table(
    "instances",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("uuid", sa.String(36), unique=True, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time),
    sa.Column("deleted_at", Time),
    sa.Column("deleted", sa.Boolean, default=False, nullable=False),
    sa.Column("user_id", sa.String(255), nullable=False),
    sa.Column("project_id", sa.String(255), nullable=False),
    sa.Column("display_name", sa.String(255), nullable=False),
    sa.Column("hostname", sa.String(255), nullable=False),
    sa.Column("reservation_id", sa.String(255), nullable=False),
    sa.Column("image_ref", sa.String(255), nullable=False),
    sa.Column("flavor", sa.JSON, nullable=False),
    # NULL if the flavor has none, and for servers older than revision 0007.
    sa.Column("flavor_uuid", sa.String(36)),
    sa.Column("metadata", sa.JSON, nullable=False),
    sa.Column("memory_mb", sa.Integer, nullable=False),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("host", sa.String(255)),
    sa.Column("availability_zone", sa.String(255)),
    sa.Column("vm_state", StateName(VMState), nullable=False),
    sa.Column("task_state", StateName(TaskState)),
    sa.Column("power_state", PowerStateNumber, nullable=False),
    sa.Column("claim_request_id", sa.String(255)),
    sa.Column("claim_started_at", Time),
    sa.Column("claimed_at", Time),
    sa.Column("claim_arguments", sa.JSON(none_as_null=True)),
    sa.Column("locked", sa.Boolean, default=False, nullable=False),
    sa.Column("locked_by", sa.String(16)),
    sa.Column("locked_reason", sa.String(255)),
    sa.Column("display_description", sa.String(255)),
    sa.Column(
        "launch_index", sa.Integer, default=0, server_default="0", nullable=False
    ),
    sa.Column("pinned_availability_zone", sa.String(255)),
    sa.Column("image_properties", sa.JSON),
    sa.Column("scheduler_hints", sa.JSON),
    sa.Column("trusted_certs", sa.JSON),
    sa.Column("network_info", sa.JSON),
    sa.Column("key_name", sa.String(255)),
    sa.Column("key_data", Text),
    # For the config drive; emptied as soon as the server is built.
    sa.Column("admin_password", sa.String(255)),
    sa.Column("user_data", Text),
    sa.Column("config_drive", sa.Boolean, default=False, nullable=False),
    sa.Column("disk_config", sa.String(16), nullable=False),
    sa.Column("access_ip_v4", sa.String(39)),
    sa.Column("access_ip_v6", sa.String(39)),
    sa.Column("launched_at", Time),
    sa.Column("terminated_at", Time),
    sa.Index("instances_host_deleted_task_state_idx", "host", "deleted", "task_state"),
    sa.Index("instances_project_deleted_idx", "project_id", "deleted", "id"),
    sa.Index("instances_deleted_idx", "deleted", "id"),
    sa.Index("instances_updated_project_idx", "updated_at", "project_id"),
    sa.Index("instances_terminated_idx", "terminated_at"),
    sa.Index("instances_project_terminated_idx", "project_id", "terminated_at"),
)
"""A server.  ``task_state`` and the ``claim_`` columns are the lock on it."""

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("instance_uuid", sa.String(36), nullable=False),
    sa.Column("tag", sa.String(60), nullable=False),
    sa.UniqueConstraint("instance_uuid", "tag", name="tags_instance_uniq"),
    sa.Index("tags_tag_idx", "tag"),
)
"""A tag of a server."""

subnets = sa.Table(
    "subnets",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("instance_uuid", sa.String(36), nullable=False),
    sa.UniqueConstraint("instance_uuid", name="subnets_instance_uniq"),
)
"""A server's number, from which its subnet is computed."""

actions = sa.Table(
    "instance_actions",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("action", sa.String(255), nullable=False),
    sa.Column("instance_uuid", sa.String(36), nullable=False),
    sa.Column("request_id", sa.String(255), nullable=False),
    sa.Column("user_id", sa.String(255), nullable=False),
    sa.Column("project_id", sa.String(255), nullable=False),
    sa.Column("user_name", sa.String(255)),
    sa.Column("project_name", sa.String(255)),
    sa.Column("start_time", Time, nullable=False),
    sa.Column("updated_at", Time),
    sa.Column("message", sa.String(255)),
    sa.UniqueConstraint(
        "instance_uuid", "request_id", name="instance_actions_request_uniq"
    ),
)
"""An accepted request, as ``os-instance-actions`` shows it.

Its events say what a host did later.  ``updated_at`` does not change with each event.
"""

events = sa.Table(
    "instance_actions_events",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column(
        "action_id", sa.ForeignKey("instance_actions.id"), index=True, nullable=False
    ),
    sa.Column("event", sa.String(255), nullable=False),
    sa.Column("host", sa.String(255)),
    sa.Column("start_time", Time, nullable=False),
    sa.Column("finish_time", Time),
    sa.Column("result", sa.String(255)),
    sa.Column("details", Text),
    sa.Column("traceback", Text),
)
"""One attempt of a host to perform an action."""

migrations = sa.Table(
    "migrations",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("uuid", sa.String(36), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time),
    sa.Column("instance_uuid", sa.String(36), nullable=False),
    sa.Column("user_id", sa.String(255), nullable=False),
    sa.Column("project_id", sa.String(255), nullable=False),
    sa.Column("migration_type", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("source_compute", sa.String(255), nullable=False),
    sa.Column("source_node", sa.String(255)),
    sa.Column("dest_compute", sa.String(255)),
    sa.Column("dest_node", sa.String(255)),
    sa.Column("dest_host", sa.String(39)),
    sa.Column("old_vm_state", sa.String(32), nullable=False),
    sa.Column("old_flavor", sa.JSON, nullable=False),
    sa.Column("new_flavor", sa.JSON, nullable=False),
    sa.Column("old_instance_type_id", Id),
    sa.Column("new_instance_type_id", Id),
    sa.UniqueConstraint("uuid", name="migrations_uuid_uniq"),
    sa.Index("migrations_instance_status_idx", "instance_uuid", "status"),
    sa.Index("migrations_source_status_idx", "source_compute", "status"),
    sa.Index("migrations_created_idx", "created_at", "id"),
)
"""A resize of a server, or an attempt to move it to another host."""

faults = sa.Table(
    "instance_faults",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("instance_uuid", sa.String(36), index=True, nullable=False),
    sa.Column("code", sa.Integer, nullable=False),
    sa.Column("message", sa.String(255), nullable=False),
    sa.Column("details", Text),
    sa.Column("host", sa.String(255)),
    sa.Column("created_at", Time, nullable=False),
)
"""Why something failed.  Users see the newest fault of a server in ERROR."""

flavors = sa.Table(
    "flavors",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("flavorid", sa.String(255), unique=True, nullable=False),
    # Distinguishes a flavor from an earlier one with the same flavorid.
    sa.Column("uuid", sa.String(36), default=uuidutils.generate_uuid),
    sa.Column("name", sa.String(255), unique=True, nullable=False),
    sa.Column("memory_mb", sa.Integer, nullable=False),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("root_gb", sa.Integer, nullable=False),
    sa.Column("ephemeral_gb", sa.Integer, default=0, nullable=False),
    sa.Column("swap", sa.Integer, default=0, nullable=False),
    sa.Column("rxtx_factor", sa.Double, default=1.0, nullable=False),
    sa.Column("disabled", sa.Boolean, default=False, nullable=False),
    sa.Column("is_public", sa.Boolean, default=True, nullable=False),
    sa.Column("description", Text),
)
"""How much of a host a server may use."""

flavor_extra_specs = sa.Table(
    "flavor_extra_specs",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("flavorid", sa.String(255), nullable=False),
    sa.Column("key", sa.String(255), nullable=False),
    sa.Column("value", sa.String(255)),
    sa.UniqueConstraint("flavorid", "key", name="flavor_extra_specs_uniq"),
)
"""A key and value of a flavor, for drivers and schedulers."""

flavor_projects = sa.Table(
    "flavor_projects",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("flavorid", sa.String(255), nullable=False),
    sa.Column("project_id", sa.String(255), nullable=False),
    sa.UniqueConstraint("flavorid", "project_id", name="flavor_projects_uniq"),
)
"""A project that may use a private flavor."""

key_pairs = sa.Table(
    "key_pairs",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("user_id", sa.String(255), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("fingerprint", sa.String(255), nullable=False),
    sa.Column("public_key", Text, nullable=False),
    sa.UniqueConstraint("user_id", "name", name="key_pairs_user_uniq"),
)
"""A user's public key."""

groups = sa.Table(
    "instance_groups",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("uuid", sa.String(36), unique=True, nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("project_id", sa.String(255), nullable=False),
    sa.Column("user_id", sa.String(255), nullable=False),
    sa.Column("policy", sa.String(255), nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Index("instance_groups_project_idx", "project_id", "id"),
)
"""A server group: its servers belong on one host, or on different hosts."""

group_members = sa.Table(
    "instance_group_member",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("group_id", Id, nullable=False),
    sa.Column("instance_uuid", sa.String(36), nullable=False),
    sa.UniqueConstraint("instance_uuid", name="instance_group_member_uniq"),
    sa.Index("instance_group_member_group_idx", "group_id", "id"),
)
"""A server in a group.  A server is in at most one group."""

quotas = sa.Table(
    "quotas",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("class_name", sa.String(64), default="", nullable=False),
    sa.Column("project_id", sa.String(255), default="", nullable=False),
    sa.Column("user_id", sa.String(255), default="", nullable=False),
    sa.Column("resource", sa.String(64), nullable=False),
    sa.Column("hard_limit", sa.Integer, nullable=False),
    sa.UniqueConstraint(
        "class_name", "project_id", "user_id", "resource", name="quotas_uniq"
    ),
)
"""A limit that differs from the default.

It belongs to a project (``user_id`` and ``class_name`` are empty), to a user in a
project, or to a quota class (the class ``default`` replaces the options' defaults).
The columns are empty instead of NULL, because a unique index treats all NULLs as
different.
"""

quota_locks = sa.Table(
    "quota_locks",
    metadata,
    sa.Column("name", sa.String(255), primary_key=True),
)
"""A row to lock while a project's or user's resources are counted and added to."""

services = sa.Table(
    "services",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("uuid", sa.String(36), unique=True, nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("binary", sa.String(255), nullable=False),
    sa.Column("report_count", sa.Integer, default=0, nullable=False),
    sa.Column("disabled", sa.Boolean, default=False, nullable=False),
    sa.Column("disabled_reason", sa.String(255)),
    sa.Column("forced_down", sa.Boolean, default=False, nullable=False),
    sa.Column("last_seen_up", Time),
    # The kernel's id of the boot that the last heartbeat came from.
    sa.Column("boot_id", sa.String(36)),
    # The newest RPC version it understands; NULL if it never reported one.
    sa.Column("rpc_version", sa.String(11)),
    sa.UniqueConstraint("host", "binary", name="services_host_uniq"),
)
"""A daemon and its heartbeat."""

compute_nodes = sa.Table(
    "compute_nodes",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("uuid", sa.String(36), unique=True, nullable=False),
    sa.Column("host", sa.String(255), unique=True, nullable=False),
    sa.Column("hypervisor_hostname", sa.String(255), nullable=False),
    sa.Column("hypervisor_type", sa.String(255), nullable=False),
    sa.Column("hypervisor_version", sa.Integer, nullable=False),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("vcpus_limit", sa.Integer, nullable=False),
    sa.Column("vcpus_used", sa.Integer, default=0, nullable=False),
    sa.Column("memory_mb", sa.Integer, nullable=False),
    sa.Column("memory_mb_limit", sa.Integer, nullable=False),
    sa.Column("memory_mb_used", sa.Integer, default=0, nullable=False),
    sa.Column("local_gb", sa.Integer, nullable=False),
    sa.Column("host_ip", sa.String(39)),
    sa.Column("cpu_info", sa.JSON),
    sa.Column("uptime", sa.String(255)),
    sa.Column("disk_available_least", sa.Integer),
    sa.Column(
        "memory_mb_reserved", sa.Integer, default=0, server_default="0", nullable=False
    ),
    # The zone that its aggregates set; NULL if they set none.
    sa.Column("availability_zone", sa.String(255)),
    sa.Column("updated_at", Time),
)
"""The resources of a host, and how much of them is used.

The limits already include the allocation ratio and the reserve.  The scheduler's
conditional update is therefore plain integer arithmetic.
"""

aggregates = sa.Table(
    "aggregates",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("uuid", sa.String(36), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("metadata", sa.JSON, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time),
    sa.UniqueConstraint("name", name="aggregates_name_uniq"),
    # The id of a deleted aggregate is never used again.
    sqlite_autoincrement=True,
)
"""Hosts that belong together."""

aggregate_hosts = sa.Table(
    "aggregate_hosts",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("aggregate_id", Id, nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.UniqueConstraint("aggregate_id", "host", name="aggregate_hosts_uniq"),
)
"""A host of an aggregate."""
