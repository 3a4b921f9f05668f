# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-server-external-events."""

from minova.policies.checks import SERVICE, rule

RULES = [
    rule(
        "os-server-external-events:create",
        SERVICE,
        "Tell what happened to servers elsewhere",
        "POST /os-server-external-events",
    ),
]
