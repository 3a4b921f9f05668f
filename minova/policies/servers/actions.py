# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of the actions in the table: a member may do them."""

from typing import Final

from oslo_policy import policy

from minova.policies import checks
from minova.vocabulary import instance_actions

_VERBS: Final = {
    "confirmResize": "Confirm the resize of",
    "revertResize": "Revert the resize of",
}


def rules() -> list[policy.DocumentedRuleDefault]:
    """Make a rule for each action of ``POST /servers/{server_id}/action``."""
    asked_by_key = {
        action.policy: action for action in instance_actions.ALL if action.key
    }
    return [
        checks.rule(
            action.policy.removeprefix("os_compute_api:"),
            checks.MEMBER,
            f"{_VERBS.get(action.name, action.name.capitalize())} a server",
            f"POST /servers/{{server_id}}/action ({action.key})",
        )
        for action in asked_by_key.values()
    ]
