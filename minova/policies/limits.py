# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/limits."""

from minova.policies.checks import ADMIN, ANYBODY, rule

RULES = [
    rule("limits", ANYBODY, "Show the limits of the caller's project", "GET /limits"),
    rule("limits:other_project", ADMIN, "Show another project's limits", "GET /limits"),
]
