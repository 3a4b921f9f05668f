# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A MariaDB full of servers that were never created: hosts, rows and history.

SQL statements over MariaDB's sequences insert 20,000 servers in seconds.
"""

from typing import Final

import sqlalchemy as sa

PROJECT: Final = 100
"""Number of servers of a project, and of a host."""

_HOSTS: Final = """
INSERT INTO compute_nodes (uuid, host, hypervisor_hostname, hypervisor_type,
    hypervisor_version, vcpus, vcpus_limit, vcpus_used, memory_mb, memory_mb_limit,
    memory_mb_used, local_gb, memory_mb_reserved)
SELECT uuid(), concat('full-', seq), concat('full-', seq), 'fake', 1000, 64, 1024, 100,
    65536, 65536, 12800, 1024, 512 FROM seq_1_to_{hosts}
"""
_SERVICES: Final = """
INSERT INTO services (uuid, host, `binary`, report_count, disabled, forced_down,
    last_seen_up)
SELECT uuid(), concat('full-', seq), 'nova-compute', 1, 0, 0, utc_timestamp(6)
FROM seq_1_to_{hosts}
"""
_FLAVOR: Final = (
    '{"flavorid": "42", "name": "m1.nano", "memory_mb": 128, "vcpus": 1,'
    ' "root_gb": 1, "ephemeral_gb": 0, "swap": 0, "extra_specs": {}}'
)
# One of a thousand is in ERROR. The others run.
_SERVERS: Final = """
INSERT INTO instances (uuid, created_at, updated_at, deleted_at, deleted, user_id,
    project_id, display_name, hostname, reservation_id, image_ref, flavor, metadata,
    memory_mb, vcpus, host, availability_zone, vm_state, power_state, locked,
    launch_index, config_drive, disk_config, network_info, launched_at, terminated_at)
SELECT uuid(), utc_timestamp(6) - INTERVAL seq MINUTE,
    utc_timestamp(6) - INTERVAL seq MINUTE, if({deleted}, utc_timestamp(6), NULL),
    {deleted}, concat('user-', seq MOD 1000), concat('project-', seq DIV {project}),
    concat('server-', seq), concat('server-', seq), concat('r-', seq), 'image',
    '{flavor}', '{{}}', 128, 1, concat('full-', 1 + seq MOD {hosts}), 'nova',
    if({deleted}, 'deleted', if(seq MOD 1000 = 7, 'error', 'active')), 1, 0, 0, 0,
    'MANUAL', '[]', utc_timestamp(6) - INTERVAL seq MINUTE,
    if({deleted}, utc_timestamp(6) - INTERVAL seq MINUTE, NULL)
FROM seq_{first}_to_{last}
"""
_HISTORY: Final = (
    """
INSERT INTO instance_actions (action, instance_uuid, request_id, user_id, project_id,
    start_time, updated_at)
SELECT elt(seq, 'create', 'pause', 'unpause'), uuid, concat('req-', seq), user_id,
    project_id, created_at, created_at FROM instances, seq_1_to_3
WHERE instances.id > {after}
""",
    """
INSERT INTO instance_actions_events (action_id, event, host, start_time, finish_time,
    result)
SELECT id, 'compute_event', 'full-1', start_time, updated_at, 'Success'
FROM instance_actions WHERE id > {after_action}
""",
    """
INSERT INTO instance_faults (instance_uuid, code, message, created_at)
SELECT uuid, 500, 'a fault', created_at FROM instances
WHERE id MOD 10 = 7 AND id > {after}
""",
    """
INSERT INTO tags (instance_uuid, tag)
SELECT uuid, concat('tag-', id MOD 1000) FROM instances
WHERE NOT deleted AND id > {after}
""",
    """
INSERT INTO subnets (number, instance_uuid)
SELECT (id - 1) MOD 65535 + 1, uuid FROM instances
WHERE NOT deleted AND id > {after}
""",
    """
INSERT INTO instance_group_member (group_id, instance_uuid)
SELECT 1 + (id DIV 10) MOD 2000, uuid FROM instances
WHERE NOT deleted AND id > {after}
""",
)
_OF_PROJECTS_AND_USERS: Final = (
    """
INSERT INTO quotas (class_name, project_id, user_id, resource, hard_limit)
SELECT '', concat('full-', seq DIV 2), '', elt(1 + seq MOD 2, 'cores', 'ram'), 10000000
FROM seq_1_to_2000
""",
    """
INSERT INTO instance_groups (created_at, uuid, name, project_id, user_id, policy, rules)
SELECT utc_timestamp(6), uuid(), 'group', concat('project-', seq DIV 10),
    concat('user-', seq MOD 1000), 'soft-affinity', '{}' FROM seq_1_to_2000
""",
    """
INSERT INTO key_pairs (created_at, user_id, name, type, fingerprint, public_key)
SELECT utc_timestamp(6), concat('user-', seq), 'one', 'ssh', '', '' FROM seq_1_to_1000
""",
)
TABLES: Final = (
    *("instances", "instance_actions", "instance_actions_events", "instance_faults"),
    *("tags", "subnets", "services", "compute_nodes", "quotas", "key_pairs"),
    *("instance_groups", "instance_group_member"),
)


def fill(engine: sa.Engine, *, hosts: int, servers: int, deleted: int = 0) -> None:
    """Insert hosts, living servers on all of them, and deleted servers.

    ``project-1`` has ``PROJECT`` living servers.
    """
    with engine.begin() as connection:
        for statement in (_HOSTS, _SERVICES):
            connection.exec_driver_sql(statement.format(hosts=hosts))
        for statement in _OF_PROJECTS_AND_USERS:
            connection.exec_driver_sql(statement)
    add_servers(engine, 1, servers, hosts=hosts)
    if deleted:
        add_servers(engine, 1, deleted, hosts=hosts, deleted=True)


def add_servers(
    engine: sa.Engine, first: int, last: int, *, hosts: int, deleted: bool = False
) -> None:
    """Insert the servers with these numbers and their history, spread over the hosts.

    The hosts are ``full-1`` and so on. They may already exist.
    """
    with engine.begin() as connection:
        after = connection.exec_driver_sql("SELECT max(id) FROM instances").scalar()
        after_action = connection.exec_driver_sql(
            "SELECT max(id) FROM instance_actions"
        ).scalar()
        for statement in (_SERVERS, *_HISTORY):
            connection.exec_driver_sql(
                statement.format(
                    first=first,
                    last=last,
                    hosts=hosts,
                    deleted=int(deleted),
                    project=PROJECT,
                    flavor=_FLAVOR,
                    after=after or 0,
                    after_action=after_action or 0,
                )
            )
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ANALYZE TABLE {', '.join(TABLES)}")
