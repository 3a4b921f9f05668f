# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-instance-actions."""

from minova.policies.checks import ADMIN, READER, rule

_ALL = "GET /servers/{server_id}/os-instance-actions"
_ONE = "GET /servers/{server_id}/os-instance-actions/{request_id}"

RULES = [
    rule("os-instance-actions:list", READER, "List what was done to a server", _ALL),
    rule("os-instance-actions:show", READER, "Show one thing that was done", _ONE),
    rule(
        "os-instance-actions:events",
        ADMIN,
        "See the events of an action: before 2.51 all of them, since then tracebacks",
        _ONE,
    ),
    rule(
        "os-instance-actions:events:details",
        ADMIN,
        "See the details of an event that failed (since 2.84)",
        _ONE,
    ),
]
