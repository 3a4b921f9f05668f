# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table is held to the code; no test here knows an action by its name."""

import pytest

from minova import policy
from minova.compute import instance_actions
from minova.compute.instance_actions import Action
from minova.compute.manager import ComputeManager
from minova.compute.performs import Performed
from minova.compute.task_states import TaskState

every_action = pytest.mark.parametrize(
    "action", instance_actions.ALL, ids=lambda action: action.name
)


@every_action
def test_the_manager_has_the_method_that_messages_name(action: Action) -> None:
    assert callable(getattr(ComputeManager, action.rpc_method))


@every_action
def test_exactly_one_method_performs_it(action: Action) -> None:
    performing = [
        method
        for method in vars(ComputeManager).values()
        if isinstance(method, Performed) and method.action is action
    ]

    assert len(performing) == 1


@every_action
def test_it_cannot_start_twice(action: Action) -> None:
    """Or else a second request would be accepted while the first is being done."""
    assert action.task_state not in action.preempts


def test_a_task_state_tells_its_action() -> None:
    """Settling finds an action by nothing else."""
    assert len(instance_actions.BY_TASK_STATE) == len(instance_actions.ALL)
    assert set(instance_actions.BY_TASK_STATE) == set(TaskState)


def test_every_action_of_users_has_its_rule() -> None:
    rules = {rule.name for rule in policy.list_rules()}

    assert {action.policy for action in instance_actions.BY_NAME.values()} <= rules
