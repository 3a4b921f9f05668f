# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /limits, /os-quota-sets and /os-quota-class-sets."""

from minova.policies.checks import ADMIN, ANYBODY, READER, rule

_SET = "/os-quota-sets/{tenant_id}"
_CLASS = "/os-quota-class-sets/{quota_class}"

RULES = [
    rule("limits", ANYBODY, "Show the limits of the caller's project", "GET /limits"),
    rule("limits:other_project", ADMIN, "Show another project's limits", "GET /limits"),
    rule("os-quota-sets:show", READER, "Show quotas", f"GET {_SET}"),
    rule(
        "os-quota-sets:detail",
        READER,
        "Show quotas and their usage",
        f"GET {_SET}/detail",
    ),
    rule(
        "os-quota-sets:defaults",
        ANYBODY,
        "Show the default quotas of a project",
        f"GET {_SET}/defaults",
    ),
    rule("os-quota-sets:update", ADMIN, "Change quotas", f"PUT {_SET}"),
    rule("os-quota-sets:delete", ADMIN, "Reset quotas", f"DELETE {_SET}"),
    rule("os-quota-class-sets:show", ADMIN, "Show a quota class", f"GET {_CLASS}"),
    rule("os-quota-class-sets:update", ADMIN, "Change a quota class", f"PUT {_CLASS}"),
]
