# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-server-external-events."""

from minova.policies.checks import SERVICE, rule

RULES = [
    rule(
        "os-server-external-events:create",
        SERVICE,
        "Create external events of servers",
        "POST /os-server-external-events",
    ),
]
