# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Limits and usage under the names of ``/limits``."""

from collections.abc import Mapping
from typing import Any, Final

from minova.api.front.request import Request

# Name, limited resource, and the last version that shows it.
_LIMITS: Final = (
    ("maxTotalCores", "cores", None),
    ("maxPersonality", "injected_files", (2, 56)),
    ("maxPersonalitySize", "injected_file_content_bytes", (2, 56)),
    ("maxTotalInstances", "instances", None),
    ("maxTotalKeypairs", "key_pairs", None),
    ("maxServerMeta", "metadata_items", None),
    ("maxImageMeta", "metadata_items", (2, 38)),
    ("maxTotalRAMSize", "ram", None),
    ("maxServerGroups", "server_groups", None),
    ("maxServerGroupMembers", "server_group_members", None),
    ("maxTotalFloatingIps", "floating_ips", (2, 35)),
    ("maxSecurityGroups", "security_groups", (2, 35)),
    ("maxSecurityGroupRules", "security_group_rules", (2, 35)),
)
_USED: Final = (
    ("totalRAMUsed", "ram", None),
    ("totalCoresUsed", "cores", None),
    ("totalInstancesUsed", "instances", None),
    ("totalFloatingIpsUsed", "floating_ips", (2, 35)),
    ("totalSecurityGroupsUsed", "security_groups", (2, 35)),
    ("totalServerGroupsUsed", "server_groups", None),
)


def limits(
    req: Request, limit_of: Mapping[str, int], used_of: Mapping[str, int]
) -> dict[str, Any]:
    absolute: dict[str, int] = {}
    for names, values in ((_LIMITS, limit_of), (_USED, used_of)):
        for name, resource, until in names:
            if until is None or req.version <= until:
                absolute[name] = values[resource]
    # Nova once limited the rate of requests; now the list is always empty.
    return {"limits": {"rate": [], "absolute": absolute}}
