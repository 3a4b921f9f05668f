# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The tables, with Nova's names for everything that Nova has too."""

import datetime
from typing import Any

import sqlalchemy as sa
from oslo_utils import uuidutils
from sqlalchemy import orm

from minova.db.declarative import Base, Id, PowerStateNumber, StateName, Text, Time
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState


class Instance(Base):
    """A server.  ``task_state`` and the ``claim_`` columns are the lock on it."""

    __tablename__ = "instances"
    __table_args__ = (
        sa.Index(
            "instances_host_deleted_task_state_idx", "host", "deleted", "task_state"
        ),
        sa.Index("instances_project_deleted_idx", "project_id", "deleted", "id"),
        sa.Index("instances_deleted_idx", "deleted", "id"),
        sa.Index("instances_updated_project_idx", "updated_at", "project_id"),
        sa.Index("instances_terminated_idx", "terminated_at"),
        sa.Index("instances_project_terminated_idx", "project_id", "terminated_at"),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(Time)
    updated_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    deleted_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    deleted: orm.Mapped[bool] = orm.mapped_column(default=False)
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    display_name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    hostname: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    reservation_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    image_ref: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    flavor: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)
    # NULL if the flavor has none, and for servers older than revision 0007.
    flavor_uuid: orm.Mapped[str | None] = orm.mapped_column(sa.String(36))
    # SQLAlchemy's declarative classes reserve the name `metadata`.
    instance_metadata: orm.Mapped[dict[str, str]] = orm.mapped_column(
        "metadata", sa.JSON
    )
    memory_mb: orm.Mapped[int]
    vcpus: orm.Mapped[int]
    host: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    availability_zone: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    vm_state: orm.Mapped[VMState] = orm.mapped_column(StateName(VMState))
    task_state: orm.Mapped[TaskState | None] = orm.mapped_column(StateName(TaskState))
    power_state: orm.Mapped[PowerState] = orm.mapped_column(PowerStateNumber)
    claim_request_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    claim_started_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    claimed_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    claim_arguments: orm.Mapped[dict[str, Any] | None] = orm.mapped_column(
        sa.JSON(none_as_null=True)
    )
    locked: orm.Mapped[bool] = orm.mapped_column(default=False)
    locked_by: orm.Mapped[str | None] = orm.mapped_column(sa.String(16))
    locked_reason: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    display_description: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    launch_index: orm.Mapped[int] = orm.mapped_column(default=0, server_default="0")
    pinned_availability_zone: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    image_properties: orm.Mapped[dict[str, Any] | None] = orm.mapped_column(sa.JSON)
    scheduler_hints: orm.Mapped[dict[str, Any] | None] = orm.mapped_column(sa.JSON)
    trusted_certs: orm.Mapped[list[str] | None] = orm.mapped_column(sa.JSON)
    network_info: orm.Mapped[list[dict[str, Any]] | None] = orm.mapped_column(sa.JSON)
    key_name: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    key_data: orm.Mapped[str | None] = orm.mapped_column(Text)
    # For the config drive; emptied as soon as the server is built.
    admin_password: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    user_data: orm.Mapped[str | None] = orm.mapped_column(Text)
    config_drive: orm.Mapped[bool] = orm.mapped_column(default=False)
    disk_config: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    access_ip_v4: orm.Mapped[str | None] = orm.mapped_column(sa.String(39))
    access_ip_v6: orm.Mapped[str | None] = orm.mapped_column(sa.String(39))
    launched_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    terminated_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)


class InstanceTag(Base):
    """A tag of a server."""

    __tablename__ = "tags"

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    instance_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    tag: orm.Mapped[str] = orm.mapped_column(sa.String(60))

    __table_args__ = (
        sa.UniqueConstraint("instance_uuid", "tag", name="tags_instance_uniq"),
        sa.Index("tags_tag_idx", "tag"),
    )


class Subnet(Base):
    """A server's number, from which its subnet is computed."""

    __tablename__ = "subnets"

    number: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=False)
    instance_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))

    __table_args__ = (
        sa.UniqueConstraint("instance_uuid", name="subnets_instance_uniq"),
    )


class InstanceAction(Base):
    """An accepted request, as ``os-instance-actions`` shows it.

    Its events say what a host did later.  ``updated_at`` does not change with each
    event.
    """

    __tablename__ = "instance_actions"
    __table_args__ = (
        sa.UniqueConstraint(
            "instance_uuid", "request_id", name="instance_actions_request_uniq"
        ),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    action: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    instance_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    request_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    user_name: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    project_name: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    start_time: orm.Mapped[datetime.datetime] = orm.mapped_column(Time)
    updated_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    message: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))


class InstanceActionEvent(Base):
    """One attempt of a host to perform an action."""

    __tablename__ = "instance_actions_events"

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    action_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey("instance_actions.id"), index=True
    )
    event: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    host: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    start_time: orm.Mapped[datetime.datetime] = orm.mapped_column(Time)
    finish_time: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    result: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    details: orm.Mapped[str | None] = orm.mapped_column(Text)
    traceback: orm.Mapped[str | None] = orm.mapped_column(Text)


class Migration(Base):
    """A resize of a server, or an attempt to move it to another host."""

    __tablename__ = "migrations"
    __table_args__ = (
        sa.UniqueConstraint("uuid", name="migrations_uuid_uniq"),
        sa.Index("migrations_instance_status_idx", "instance_uuid", "status"),
        sa.Index("migrations_source_status_idx", "source_compute", "status"),
        sa.Index("migrations_created_idx", "created_at", "id"),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(Time)
    updated_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    instance_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    migration_type: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    source_compute: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    source_node: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    dest_compute: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    dest_node: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    dest_host: orm.Mapped[str | None] = orm.mapped_column(sa.String(39))
    old_vm_state: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    old_flavor: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)
    new_flavor: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)
    old_instance_type_id: orm.Mapped[int | None] = orm.mapped_column(Id)
    new_instance_type_id: orm.Mapped[int | None] = orm.mapped_column(Id)


class InstanceFault(Base):
    """Why something failed.  Users see the newest fault of a server in ERROR."""

    __tablename__ = "instance_faults"

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    instance_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), index=True)
    code: orm.Mapped[int]
    message: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    details: orm.Mapped[str | None] = orm.mapped_column(Text)
    host: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(Time)


class Flavor(Base):
    """How much of a host a server may use."""

    __tablename__ = "flavors"

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    flavorid: orm.Mapped[str] = orm.mapped_column(sa.String(255), unique=True)
    # Distinguishes a flavor from an earlier one with the same flavorid.
    uuid: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(36), default=uuidutils.generate_uuid
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255), unique=True)
    memory_mb: orm.Mapped[int]
    vcpus: orm.Mapped[int]
    root_gb: orm.Mapped[int]
    ephemeral_gb: orm.Mapped[int] = orm.mapped_column(default=0)
    swap: orm.Mapped[int] = orm.mapped_column(default=0)
    rxtx_factor: orm.Mapped[float] = orm.mapped_column(default=1.0)
    disabled: orm.Mapped[bool] = orm.mapped_column(default=False)
    is_public: orm.Mapped[bool] = orm.mapped_column(default=True)
    description: orm.Mapped[str | None] = orm.mapped_column(Text)


class FlavorExtraSpec(Base):
    """A key and value of a flavor, for drivers and schedulers."""

    __tablename__ = "flavor_extra_specs"
    __table_args__ = (
        sa.UniqueConstraint("flavorid", "key", name="flavor_extra_specs_uniq"),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    flavorid: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    key: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    value: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))


class FlavorAccess(Base):
    """A project that may use a private flavor."""

    __tablename__ = "flavor_projects"
    __table_args__ = (
        sa.UniqueConstraint("flavorid", "project_id", name="flavor_projects_uniq"),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    flavorid: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))


class KeyPair(Base):
    """A user's public key."""

    __tablename__ = "key_pairs"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "name", name="key_pairs_user_uniq"),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(Time)
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    type: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    fingerprint: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    public_key: orm.Mapped[str] = orm.mapped_column(Text)


class InstanceGroup(Base):
    """A server group: its servers belong on one host, or on different hosts."""

    __tablename__ = "instance_groups"
    __table_args__ = (sa.Index("instance_groups_project_idx", "project_id", "id"),)

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(Time)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    policy: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    rules: orm.Mapped[dict[str, int]] = orm.mapped_column(sa.JSON)


class InstanceGroupMember(Base):
    """A server in a group.  A server is in at most one group."""

    __tablename__ = "instance_group_member"
    __table_args__ = (
        sa.UniqueConstraint("instance_uuid", name="instance_group_member_uniq"),
        sa.Index("instance_group_member_group_idx", "group_id", "id"),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    group_id: orm.Mapped[int] = orm.mapped_column(Id)
    instance_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))


class Quota(Base):
    """A limit that differs from the default.

    It belongs to a project (``user_id`` and ``class_name`` are empty), to a user in a
    project, or to a quota class (the class ``default`` replaces the options' defaults).
    The columns are empty instead of NULL, because a unique index treats all NULLs as
    different.
    """

    __tablename__ = "quotas"
    __table_args__ = (
        sa.UniqueConstraint(
            "class_name", "project_id", "user_id", "resource", name="quotas_uniq"
        ),
    )

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    class_name: orm.Mapped[str] = orm.mapped_column(sa.String(64), default="")
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(255), default="")
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(255), default="")
    resource: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    hard_limit: orm.Mapped[int]


class QuotaLock(Base):
    """A row to lock while a project's or user's resources are counted and added to."""

    __tablename__ = "quota_locks"

    name: orm.Mapped[str] = orm.mapped_column(sa.String(255), primary_key=True)


class Service(Base):
    """A daemon and its heartbeat."""

    __tablename__ = "services"
    __table_args__ = (sa.UniqueConstraint("host", "binary", name="services_host_uniq"),)

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    host: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    binary: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    report_count: orm.Mapped[int] = orm.mapped_column(default=0)
    disabled: orm.Mapped[bool] = orm.mapped_column(default=False)
    disabled_reason: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    forced_down: orm.Mapped[bool] = orm.mapped_column(default=False)
    last_seen_up: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
    # The kernel's id of the boot that the last heartbeat came from.
    boot_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(36))
    # The newest RPC version it understands; NULL if it never reported one.
    rpc_version: orm.Mapped[str | None] = orm.mapped_column(sa.String(11))


class ComputeNode(Base):
    """The resources of a host, and how much of them is used.

    The limits already include the allocation ratio and the reserve.  The scheduler's
    conditional update is therefore plain integer arithmetic.
    """

    __tablename__ = "compute_nodes"

    id: orm.Mapped[int] = orm.mapped_column(Id, primary_key=True, autoincrement=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    host: orm.Mapped[str] = orm.mapped_column(sa.String(255), unique=True)
    hypervisor_hostname: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    hypervisor_type: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    hypervisor_version: orm.Mapped[int]
    vcpus: orm.Mapped[int]
    vcpus_limit: orm.Mapped[int]
    vcpus_used: orm.Mapped[int] = orm.mapped_column(default=0)
    memory_mb: orm.Mapped[int]
    memory_mb_limit: orm.Mapped[int]
    memory_mb_used: orm.Mapped[int] = orm.mapped_column(default=0)
    local_gb: orm.Mapped[int]
    host_ip: orm.Mapped[str | None] = orm.mapped_column(sa.String(39))
    cpu_info: orm.Mapped[dict[str, Any] | None] = orm.mapped_column(sa.JSON)
    uptime: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    disk_available_least: orm.Mapped[int | None]
    memory_mb_reserved: orm.Mapped[int] = orm.mapped_column(
        default=0, server_default="0"
    )
    # The zone that its aggregates set; NULL if they set none.
    availability_zone: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    updated_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(Time)
