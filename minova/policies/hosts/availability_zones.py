# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-availability-zone."""

from minova.policies.checks import ADMIN, ANYBODY, rule

_LIST = "GET /os-availability-zone"

RULES = [
    rule("os-availability-zone:list", ANYBODY, "List the availability zones", _LIST),
    rule(
        "os-availability-zone:detail",
        ADMIN,
        "List the availability zones with their hosts",
        f"{_LIST}/detail",
    ),
]
