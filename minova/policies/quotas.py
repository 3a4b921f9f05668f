# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-quota-sets and /os-quota-class-sets."""

from minova.policies.checks import ADMIN, ANYBODY, READER, rule

_SET = "/os-quota-sets/{tenant_id}"
_CLASS = "/os-quota-class-sets/{quota_class}"

RULES = [
    rule("os-quota-sets:show", READER, "Show the quotas", f"GET {_SET}"),
    rule(
        "os-quota-sets:detail",
        READER,
        "Show the quotas with what is used of them",
        f"GET {_SET}/detail",
    ),
    rule(
        "os-quota-sets:defaults",
        ANYBODY,
        "Show the quotas of a project that has none of its own",
        f"GET {_SET}/defaults",
    ),
    rule("os-quota-sets:update", ADMIN, "Set quotas", f"PUT {_SET}"),
    rule("os-quota-sets:delete", ADMIN, "Go back to the default", f"DELETE {_SET}"),
    rule("os-quota-class-sets:show", ADMIN, "Show the defaults", f"GET {_CLASS}"),
    rule("os-quota-class-sets:update", ADMIN, "Set the defaults", f"PUT {_CLASS}"),
]
