# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-availability-zone."""

from minova.policies.checks import ADMIN, ANYBODY, rule

_LIST = "GET /os-availability-zone"

RULES = [
    rule("os-availability-zone:list", ANYBODY, "List zones", _LIST),
    rule(
        "os-availability-zone:detail", ADMIN, "List zones with hosts", f"{_LIST}/detail"
    ),
]
