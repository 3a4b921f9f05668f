# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of /os-simple-tenant-usage and /os-instance_usage_audit_log."""

from minova.policies.checks import ADMIN, READER, rule

_USAGE = "/os-simple-tenant-usage"
_AUDITS = "/os-instance_usage_audit_log"

RULES = [
    rule(
        "os-simple-tenant-usage:show",
        READER,
        "Show the usage of a project",
        f"GET {_USAGE}/{{tenant_id}}",
    ),
    rule(
        "os-simple-tenant-usage:list",
        ADMIN,
        "Show the usage of each project",
        f"GET {_USAGE}",
    ),
    rule(
        "os-instance-usage-audit-log:list",
        ADMIN,
        "Show the usage audits of the last period",
        f"GET {_AUDITS}",
    ),
    rule(
        "os-instance-usage-audit-log:show",
        ADMIN,
        "Show the usage audits of the last period before a time",
        f"GET {_AUDITS}/{{before_timestamp}}",
    ),
]
