# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Migrations in the JSON of /os-migrations."""

from typing import Any, Final

from minova.api.answers import times
from minova.objects.migration import Migration
from minova.vocabulary.action_bodies import Version

_HOSTS: Final = (
    *("source_compute", "source_node", "dest_compute", "dest_node", "dest_host"),
)
_SINCE: Final[dict[str, Version]] = {
    "migration_type": (2, 23),
    "uuid": (2, 59),
    "user_id": (2, 80),
    "project_id": (2, 80),
}


def show(
    migration: Migration, version: Version, *, shows_hosts: bool
) -> dict[str, Any]:
    """Show a migration at a version; hosts are null if the caller may not see them."""
    shown = {
        "id": migration.id,
        "created_at": times.micros(migration.created_at),
        "updated_at": times.micros(migration.updated_at),
        "instance_uuid": migration.instance_uuid,
        "status": migration.status,
        "old_instance_type_id": migration.old_instance_type_id,
        "new_instance_type_id": migration.new_instance_type_id,
    }
    shown |= {
        name: getattr(migration, name) if shows_hosts else None for name in _HOSTS
    }
    return shown | {
        name: getattr(migration, name)
        for name, since in _SINCE.items()
        if version >= since
    }
