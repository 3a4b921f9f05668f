# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/limits."""

from minova.policies.checks import ADMIN, ANYBODY, rule

RULES = [
    rule("limits", ANYBODY, "See the limits of one's own project", "GET /limits"),
    rule("limits:other_project", ADMIN, "See the limits of another one", "GET /limits"),
]
