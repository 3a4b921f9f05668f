# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /servers/{server_id}/os-instance-actions."""

from minova.policies.checks import ADMIN, READER, rule

_ALL = "GET /servers/{server_id}/os-instance-actions"
_ONE = "GET /servers/{server_id}/os-instance-actions/{request_id}"

RULES = [
    rule("os-instance-actions:list", READER, "List the actions of a server", _ALL),
    rule("os-instance-actions:show", READER, "Show an action of a server", _ONE),
    rule(
        "os-instance-actions:events",
        ADMIN,
        "Show the events of an action (before 2.51), or their tracebacks (since 2.51)",
        _ONE,
    ),
    rule(
        "os-instance-actions:events:details",
        ADMIN,
        "Show the details of a failed event (since 2.84)",
        _ONE,
    ),
]
