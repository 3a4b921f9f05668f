# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The usage of servers and projects as JSON; hours are fractions."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any, Final

from oslo_utils import timeutils

from minova.api.answers.times import micros
from minova.objects.usage import ServerUsage

_SUMS: Final = {
    "total_local_gb_usage": "local_gb",
    "total_vcpus_usage": "vcpus",
    "total_memory_mb_usage": "memory_mb",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """A period of time, in UTC."""

    begin: datetime.datetime
    end: datetime.datetime


def projects(
    servers: Sequence[ServerUsage], period: Period, *, detailed: bool
) -> list[dict[str, Any]]:
    """Show the sums of each project that has one of these servers."""
    found: dict[str, dict[str, Any]] = {}
    for server in servers:
        sums = found.setdefault(server.project_id, _nothing(server, period, detailed))
        shown = _server(server, period)
        for total, amount in _SUMS.items():
            sums[total] += shown[amount] * shown["hours"]
        sums["total_hours"] += shown["hours"]
        if detailed:
            sums["server_usages"].append(shown)
    return list(found.values())


def _nothing(server: ServerUsage, period: Period, detailed: bool) -> dict[str, Any]:
    return {
        "tenant_id": server.project_id,
        **({"server_usages": []} if detailed else {}),
        **dict.fromkeys(_SUMS, 0.0),
        "total_hours": 0.0,
        "start": f"{period.begin:%Y-%m-%dT%H:%M:%S.%f}",
        "stop": f"{period.end:%Y-%m-%dT%H:%M:%S.%f}",
    }


def _server(server: ServerUsage, period: Period) -> dict[str, Any]:
    flavor = server.flavor
    # The uptime lasts until now, even if the period ends earlier.
    last = server.terminated_at or timeutils.utcnow()
    return {
        "hours": server.hours(period.begin, period.end),
        "flavor": flavor.name,
        "instance_id": server.uuid,
        "name": server.display_name,
        "tenant_id": server.project_id,
        "memory_mb": flavor.memory_mb,
        "local_gb": flavor.root_gb + flavor.ephemeral_gb,
        "vcpus": flavor.vcpus,
        "started_at": micros(server.launched_at),
        "ended_at": micros(server.terminated_at),
        "state": "terminated" if server.terminated_at else server.vm_state,
        "uptime": max(int((last - server.launched_at).total_seconds()), 0),
    }
