# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The rules, and the one question asked of them."""

from oslo_config import cfg
from oslo_policy import policy

from minova import exception
from minova.compute import instance_actions
from minova.context import RequestContext

_ADMIN = "rule:context_is_admin"
_MEMBER = "rule:project_member_or_admin"
_READER = "rule:project_reader_or_admin"
_SERVER_ACTION: list[policy.Operation] = [
    {"path": "/servers/{server_id}/action", "method": "POST"}
]

_BASE_RULES = [
    policy.RuleDefault("context_is_admin", "role:admin", "Decides who is the admin."),
    policy.RuleDefault(
        "project_member_api", "role:member and project_id:%(project_id)s", "A member."
    ),
    policy.RuleDefault(
        "project_reader_api", "role:reader and project_id:%(project_id)s", "A reader."
    ),
    policy.RuleDefault(
        "project_member_or_admin", "rule:project_member_api or rule:context_is_admin"
    ),
    policy.RuleDefault(
        "project_reader_or_admin", "rule:project_reader_api or rule:context_is_admin"
    ),
]


def _rule(
    name: str, check: str, description: str, method: str, path: str
) -> policy.DocumentedRuleDefault:
    operations: list[policy.Operation] = [{"method": method, "path": path}]
    return policy.DocumentedRuleDefault(name, check, description, operations)


_RULES = [
    _rule(
        "os_compute_api:servers:create",
        _MEMBER,
        "Create a server",
        "POST",
        "/servers",
    ),
    _rule("os_compute_api:servers:index", _READER, "List servers", "GET", "/servers"),
    _rule(
        "os_compute_api:servers:index:get_all_tenants",
        _ADMIN,
        "List the servers of all projects",
        "GET",
        "/servers",
    ),
    _rule(
        "os_compute_api:servers:detail:get_all_tenants",
        _ADMIN,
        "List the servers of all projects with their details",
        "GET",
        "/servers/detail",
    ),
    _rule(
        "os_compute_api:servers:detail",
        _READER,
        "List servers with their details",
        "GET",
        "/servers/detail",
    ),
    _rule(
        "os_compute_api:servers:show",
        _READER,
        "Show a server",
        "GET",
        "/servers/{server_id}",
    ),
    _rule(
        "os_compute_api:servers:delete",
        _MEMBER,
        "Delete a server",
        "DELETE",
        "/servers/{server_id}",
    ),
    _rule(
        "os_compute_api:os-extended-server-attributes",
        _ADMIN,
        "See which host a server is on",
        "GET",
        "/servers/{server_id}",
    ),
    policy.DocumentedRuleDefault(
        "os_compute_api:os-console-output",
        _MEMBER,
        "Read the end of a server's console",
        _SERVER_ACTION,
    ),
    _rule(
        "os_compute_api:os-instance-actions:list",
        _READER,
        "List what was done to a server",
        "GET",
        "/servers/{server_id}/os-instance-actions",
    ),
    _rule(
        "os_compute_api:os-instance-actions:show",
        _READER,
        "Show one thing that was done to a server",
        "GET",
        "/servers/{server_id}/os-instance-actions/{request_id}",
    ),
    _rule(
        "os_compute_api:os-instance-actions:events",
        _ADMIN,
        "See the events of an action, with tracebacks",
        "GET",
        "/servers/{server_id}/os-instance-actions/{request_id}",
    ),
    _rule(
        "os_compute_api:os-services:list",
        _ADMIN,
        "List the services",
        "GET",
        "/os-services",
    ),
]


def list_rules() -> list[policy.RuleDefault]:
    """Every rule; an action of the table brings its own."""
    actions = [
        policy.DocumentedRuleDefault(
            action.policy,
            _MEMBER,
            f"{action.name.capitalize()} a server",
            _SERVER_ACTION,
        )
        for action in instance_actions.BY_NAME.values()
    ]
    return [*_BASE_RULES, *_RULES, *actions]


class Enforcer:
    """Answers whether a caller may do something."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._enforcer = policy.Enforcer(conf)
        self._enforcer.register_defaults(list_rules())
        self._enforcer.load_rules()

    def authorize(
        self, context: RequestContext, rule: str, project_id: str | None = None
    ) -> None:
        """Pass, or refuse.

        Args:
            project_id: whose thing it is; the caller's own project by default.

        Raises:
            PolicyNotAuthorized: the rule says no.
        """
        if not self.allows(context, rule, project_id):
            raise exception.PolicyNotAuthorized(rule)

    def allows(
        self, context: RequestContext, rule: str, project_id: str | None = None
    ) -> bool:
        """The same as a question: some answers only show more to some callers."""
        target = {
            "project_id": context.project_id if project_id is None else project_id,
            "user_id": context.user_id,
        }
        return bool(self._enforcer.authorize(rule, target, context))
