# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /extensions."""

from minova.policies.checks import ANYBODY, rule

RULES = [
    rule(
        "extensions",
        ANYBODY,
        "List the extensions, all of which are now part of the API",
        "GET /extensions",
        "GET /extensions/{alias}",
    ),
]
