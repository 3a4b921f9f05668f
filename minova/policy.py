# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The one question asked of the rules."""

from oslo_config import cfg
from oslo_policy import policy

from minova import exception
from minova.context import RequestContext
from minova.policies import list_rules

__all__ = ["Enforcer", "list_rules"]


class Enforcer:
    """Answers whether a caller may do something."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._enforcer = policy.Enforcer(conf)
        self._enforcer.register_defaults(list_rules())
        self._enforcer.load_rules()

    def authorize(
        self,
        context: RequestContext,
        rule: str,
        project_id: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Pass, or refuse.

        Args:
            project_id: whose thing it is; the caller's own project by default.
            user_id: the same for what belongs to a user; the caller by default.

        Raises:
            PolicyNotAuthorized: the rule says no.
        """
        if not self.allows(context, rule, project_id, user_id):
            raise exception.PolicyNotAuthorized(rule)

    def is_admin(self, context: RequestContext) -> bool:
        """Whether a caller is the admin, by the rule that an operator may change."""
        return self.allows(context, "context_is_admin")

    def allows(
        self,
        context: RequestContext,
        rule: str,
        project_id: str | None = None,
        user_id: str | None = None,
    ) -> bool:
        """The same as a question: some answers only show more to some callers."""
        target = {
            "project_id": context.project_id if project_id is None else project_id,
            "user_id": context.user_id if user_id is None else user_id,
        }
        return bool(self._enforcer.authorize(rule, target, context))
