# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Migration: a change of a server's size, or what was tried to move it."""

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
"""It waits for its confirm or revert."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A row of ``migrations``.

    Attributes:
        dest_compute, dest_node, dest_host: None where no host was found.
        dest_host: an address.
        old_instance_type_id, new_instance_type_id: the numbers of the flavors; None of
            one that was deleted before.
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
    """What a resize asks for beside its claim, and what bounds it.

    Attributes:
        quota: of the project and the user whose server it is.
        may_stay: whether it may be resized on its own host; there is no other.
        down_time: seconds after which a silent host is not alive.
        disk_config: None leaves it.
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
    """What was accepted, and is put on record as failed for want of a host.

    Attributes:
        action: its name on record.
        events: what of it has failed, the outer one first.
        flavor: what the server was to have; None: what it has.
    """

    action: str
    events: Sequence[str]
    migration_type: str
    flavor: Flavor | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MigrationFilter:
    """Which migrations to list.

    Attributes:
        equal: columns, each with its value.
        host: source or destination.
        hidden: asks for those that are hidden, of which there are none.
        newest_first: and not in the order in which they were made.
    """

    equal: Mapping[str, str]
    host: str | None = None
    hidden: bool = False
    changes_since: datetime.datetime | None = None
    changes_before: datetime.datetime | None = None
    newest_first: bool = False


def was_off(vm_state: str) -> bool:
    """Whether a server was off before it was resized: then it stays so."""
    return vm_state == VMState.STOPPED


def kept_of_confirm(resized: Migration, power_state: PowerState) -> dict[str, Any]:
    """What is kept with the claim of a confirm; a guest that is off stays so."""
    is_off = power_state is PowerState.SHUTDOWN
    return {
        "migration": resized.id,
        "vm_state": VMState.STOPPED if is_off else VMState.ACTIVE,
    }
