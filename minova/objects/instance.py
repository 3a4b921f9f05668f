# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Instance: a server as minova's inside sees it."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from minova.objects.flavor import Flavor
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a server is in ERROR: the newest row of ``instance_faults``."""

    code: int
    message: str
    details: str | None
    created_at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """The values that are decided before a server has a row, and are stored there.

    Attributes:
        launch_index: the server's position among the servers of one request.
        image_properties: the image's properties when the server was created.
        key_data: the public key with the name ``key_name``.
        admin_password: for the config drive; kept only until the server is built.
    """

    uuid: str
    display_name: str
    hostname: str
    reservation_id: str
    image_ref: str
    flavor: Flavor
    metadata: Mapping[str, str]
    key_name: str | None
    user_data: str | None
    config_drive: bool
    disk_config: str
    access_ip_v4: str | None
    access_ip_v6: str | None
    display_description: str | None = None
    launch_index: int = 0
    pinned_availability_zone: str | None = None
    image_properties: Mapping[str, Any] | None = None
    scheduler_hints: Mapping[str, Any] | None = None
    trusted_certs: Sequence[str] | None = None
    network_info: Sequence[Mapping[str, Any]] | None = None
    key_data: str | None = None
    admin_password: str | None = dataclasses.field(default=None, repr=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Instance(_Described):
    """A row of ``instances`` at the time it was read; times are UTC.

    Attributes:
        id: the number in ``instance-0000002a``.
        host: the compute host; None if the scheduler found none.
        claim_request_id: the request whose action holds ``task_state``.
        claim_started_at: when n-cpu started the claim; None while it waits.
        claim_arguments: the arguments of the action, possibly with secrets.
        locked_by: ``owner`` or ``admin``.
        network_info: its NICs (``objects.network``); empty if it wants none.  None
            until its NIC is chosen during the build, and again once it is deleted.
        fault: read only for servers in ERROR; a deleted server has none.
    """

    id: int
    user_id: str
    project_id: str
    host: str | None
    availability_zone: str | None
    vm_state: VMState
    task_state: TaskState | None
    power_state: PowerState
    claim_request_id: str | None
    claim_started_at: datetime.datetime | None
    locked: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime | None
    launched_at: datetime.datetime | None
    terminated_at: datetime.datetime | None
    claim_arguments: Mapping[str, Any] | None = dataclasses.field(
        default=None, repr=False
    )
    locked_by: str | None = None
    locked_reason: str | None = None
    deleted: bool = False
    fault: Fault | None = None

    @property
    def name(self) -> str:
        """The name in ``virsh list`` and ``OS-EXT-SRV-ATTR:instance_name``."""
        return name_of(self.id)


def name_of(instance_id: int) -> str:
    """The hypervisor's name for the server with this number."""
    return f"instance-{instance_id:08x}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewInstance(_Described):
    """A server as ``API.create`` decides it, before it has a row.

    Attributes:
        network_info: None asks for a NIC; an empty list asks for none.
        requested_host: the only allowed host; None leaves the choice to the scheduler.
        group_uuid: the server group that it will join.
    """

    tags: Sequence[str] = ()
    requested_host: str | None = None
    group_uuid: str | None = None
