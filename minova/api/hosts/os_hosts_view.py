# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Hosts in the JSON of /os-hosts."""

from collections.abc import Iterable, Sequence
from typing import Any

from minova.objects.host import Hypervisor, Service
from minova.objects.instance import Instance


def basic(service: Service) -> dict[str, Any]:
    return {"host_name": service.host, "service": "compute", "zone": service.zone}


def resources(
    node: Hypervisor, instances: Sequence[Instance]
) -> list[dict[str, dict[str, Any]]]:
    """Show a host's resources: total, used, and what its servers may use at most."""
    projects = dict.fromkeys(instance.project_id for instance in instances)
    rows = {
        "(total)": (node.vcpus, node.memory_mb, node.local_gb),
        "(used_now)": (node.vcpus_used, node.memory_mb_used, node.local_gb_used),
        "(used_max)": _sums(instances),
    } | {
        project: _sums(one for one in instances if one.project_id == project)
        for project in projects
    }
    return [
        {
            "resource": {
                "host": node.host,
                "project": project,
                "cpu": cpu,
                "memory_mb": memory_mb,
                "disk_gb": disk_gb,
            }
        }
        for project, (cpu, memory_mb, disk_gb) in rows.items()
    ]


def _sums(instances: Iterable[Instance]) -> tuple[int, int, int]:
    flavors = [instance.flavor for instance in instances]
    return (
        sum(flavor.vcpus for flavor in flavors),
        sum(flavor.memory_mb for flavor in flavors),
        sum(flavor.root_gb + flavor.ephemeral_gb for flavor in flavors),
    )
