# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of a guest's password and topology."""

from minova.policies.checks import ADMIN, MEMBER, READER, rule

_PASSWORD = "/servers/{server_id}/os-server-password"  # noqa: S105
_TOPOLOGY = "GET /servers/{server_id}/topology"

RULES = [
    rule(
        "os-server-password:show",
        READER,
        "Show the encrypted password of a server",
        f"GET {_PASSWORD}",
    ),
    rule(
        "os-server-password:clear",
        MEMBER,
        "Delete the encrypted password of a server",
        f"DELETE {_PASSWORD}",
    ),
    rule(
        "compute:server:topology:index",
        READER,
        "Show the NUMA nodes of a server",
        _TOPOLOGY,
    ),
    rule(
        "compute:server:topology:host:index",
        ADMIN,
        "Show the NUMA nodes of the host that a server uses",
        _TOPOLOGY,
    ),
]
