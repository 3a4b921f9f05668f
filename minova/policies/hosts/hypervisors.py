# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-hypervisors."""

from minova.policies.checks import ADMIN, rule

_LIST = "GET /os-hypervisors"
_ONE = f"{_LIST}/{{hypervisor_id}}"
_BY_NAME = f"{_LIST}/{{hypervisor_hostname_pattern}}"

RULES = [
    rule("os-hypervisors:list", ADMIN, "List the hypervisors", _LIST),
    rule(
        "os-hypervisors:list-detail",
        ADMIN,
        "List the hypervisors with details",
        f"{_LIST}/detail",
    ),
    rule("os-hypervisors:show", ADMIN, "Show a hypervisor", _ONE),
    rule(
        "os-hypervisors:statistics",
        ADMIN,
        "Show the totals of all hypervisors (until 2.87)",
        f"{_LIST}/statistics",
    ),
    rule(
        "os-hypervisors:uptime",
        ADMIN,
        "Show the uptime of a hypervisor",
        f"{_ONE}/uptime",
    ),
    rule(
        "os-hypervisors:search",
        ADMIN,
        "Find hypervisors by name (until 2.52)",
        f"{_BY_NAME}/search",
    ),
    rule(
        "os-hypervisors:servers",
        ADMIN,
        "List the servers on hypervisors found by name (until 2.52)",
        f"{_BY_NAME}/servers",
    ),
]
