# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The checks that the policy rules are made of, under Nova's names."""

from typing import Final

from oslo_policy import policy

ADMIN: Final = "rule:context_is_admin"
MEMBER: Final = "rule:project_member_or_admin"
READER: Final = "rule:project_reader_or_admin"
MANAGER: Final = "rule:project_manager_or_admin"
SERVICE: Final = "rule:service_or_admin"
OWNER: Final = f"({ADMIN}) or user_id:%(user_id)s"
ANYBODY: Final = "@"

RULES: Final = [
    policy.RuleDefault("context_is_admin", "role:admin", "An administrator."),
    policy.RuleDefault(
        "project_member_api",
        "role:member and project_id:%(project_id)s",
        "A member of the project.",
    ),
    policy.RuleDefault(
        "project_reader_api",
        "role:reader and project_id:%(project_id)s",
        "A reader of the project.",
    ),
    policy.RuleDefault(
        "project_manager_api",
        "role:manager and project_id:%(project_id)s",
        "A manager of the project.",
    ),
    policy.RuleDefault(
        "project_manager_or_admin", "rule:project_manager_api or rule:context_is_admin"
    ),
    policy.RuleDefault(
        "project_member_or_admin", "rule:project_member_api or rule:context_is_admin"
    ),
    policy.RuleDefault(
        "project_reader_or_admin", "rule:project_reader_api or rule:context_is_admin"
    ),
    policy.RuleDefault("service_api", "role:service", "Another service."),
    policy.RuleDefault("service_or_admin", "rule:service_api or rule:context_is_admin"),
]


def rule(
    name: str, check: str, description: str, *operations: str
) -> policy.DocumentedRuleDefault:
    """Make a rule of the API.

    Args:
        name: the name without ``os_compute_api:``, or a newer name that begins with
            ``compute:``.
        operations: the requests that it decides, such as ``GET /servers``.
    """
    documented: list[policy.Operation] = []
    for operation in operations:
        method, path = operation.split(" ", 1)
        documented.append({"method": method, "path": path})
    return policy.DocumentedRuleDefault(
        name if name.startswith("compute:") else f"os_compute_api:{name}",
        check,
        description,
        documented,
        scope_types=["project"],
    )
