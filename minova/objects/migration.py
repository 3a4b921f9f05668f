# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Migration: a resize of a server, or an attempt to move it."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

from minova.objects.flavor import Flavor
from minova.objects.quota import CreateQuota
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState

RESIZE: Final = "resize"
COLD: Final = "migration"
LIVE: Final = "live-migration"
EVACUATION: Final = "evacuation"

FINISHED: Final = "finished"
"""The resize waits for confirm or revert."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A row of ``migrations``.

    Attributes:
        dest_compute, dest_node, dest_host: None if no host was found.
        dest_host: an IP address.
        old_instance_type_id, new_instance_type_id: the flavors' numeric ids; None for a
            flavor that was already deleted.
    """

    id: int
    uuid: str
    created_at: datetime.datetime
    updated_at: datetime.datetime | None
    instance_uuid: str
    user_id: str
    project_id: str
    migration_type: str
    status: str
    source_compute: str
    source_node: str | None
    dest_compute: str | None
    dest_node: str | None
    dest_host: str | None
    old_vm_state: str
    old_flavor: Flavor
    new_flavor: Flavor
    old_instance_type_id: int | None
    new_instance_type_id: int | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewSize:
    """The wanted size of a resize, and its limits.

    Attributes:
        quota: the quota of the server's project and user.
        may_stay: whether the server may be resized on its own host.  Other hosts are
            never used.
        down_time: seconds after which a silent host counts as dead.
        disk_config: None keeps the current value.
    """

    flavor: Flavor
    project_id: str
    user_id: str
    quota: CreateQuota
    may_stay: bool
    down_time: int
    disk_config: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A move that was accepted but failed because no host was found.

    Attributes:
        action: the action's name in the record.
        events: the failed events, the outer one first.
        flavor: the wanted flavor; None means the current one.
    """

    action: str
    events: Sequence[str]
    migration_type: str
    flavor: Flavor | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MigrationFilter:
    """Which migrations to list.

    Attributes:
        equal: columns, each with its required value.
        host: the source or the destination.
        hidden: asks for hidden migrations; there are none.
        newest_first: False lists the oldest first.
    """

    equal: Mapping[str, str]
    host: str | None = None
    hidden: bool = False
    changes_since: datetime.datetime | None = None
    changes_before: datetime.datetime | None = None
    newest_first: bool = False


def was_off(vm_state: str) -> bool:
    """Whether a server was off before its resize, and stays off after it."""
    return vm_state == VMState.STOPPED


def kept_of_confirm(resized: Migration, power_state: PowerState) -> dict[str, Any]:
    """The arguments for the claim of a confirm.  A guest that is off stays off."""
    is_off = power_state is PowerState.SHUTDOWN
    return {
        "migration": resized.id,
        "vm_state": VMState.STOPPED if is_off else VMState.ACTIVE,
    }
