# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of further data about a server."""

from minova.policies.checks import ADMIN, READER, rule

RULES = [
    rule(
        "os-extended-server-attributes",
        ADMIN,
        "Show the host of a server",
        "GET /servers/{server_id}",
        "GET /servers/detail",
    ),
    rule(
        "os-server-diagnostics",
        ADMIN,
        "Show the diagnostics of a server",
        "GET /servers/{server_id}/diagnostics",
    ),
    rule(
        "os-security-groups:list",
        READER,
        "List the security groups of a server",
        "GET /servers/{server_id}/os-security-groups",
    ),
    rule("ips:index", READER, "List addresses", "GET /servers/{server_id}/ips"),
    rule(
        "ips:show",
        READER,
        "Show the addresses of a server in one network",
        "GET /servers/{server_id}/ips/{network_label}",
    ),
]
