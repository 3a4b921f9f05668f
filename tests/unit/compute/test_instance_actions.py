# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of actions agrees with the code. No test here names an action."""

import collections
import itertools
from typing import Any

import pytest

from minova import policy
from minova.api.servers.actions.in_place import ActionsInPlace
from minova.api.validation.schema import Schema
from minova.compute.manager import ComputeManager
from minova.compute.performs import Performed
from minova.compute_api.rpcapi import ComputeAPI
from minova.rpc import understands
from minova.vocabulary import instance_actions
from minova.vocabulary.action_bodies import Version
from minova.vocabulary.instance_actions import ALL, IN_PLACE, Action, InPlace
from minova.vocabulary.task_states import TaskState

every_action = pytest.mark.parametrize("action", ALL, ids=lambda action: action.name)
every_entry = pytest.mark.parametrize(
    "entry", [*ALL, *IN_PLACE], ids=lambda each: each.key
)


@every_action
def test_the_method_of_its_message_performs_it(action: Action) -> None:
    method = getattr(ComputeManager, action.rpc_method)

    assert isinstance(method, Performed)
    assert action in method.actions


def test_every_row_of_the_module_is_in_the_table() -> None:
    rows = {row for row in vars(instance_actions).values() if isinstance(row, Action)}

    assert rows == set(ALL)


@every_action
def test_a_message_may_call_the_method(action: Action) -> None:
    assert getattr(ComputeManager, action.rpc_method).exposed
    lane = ComputeManager.lanes[action.rpc_method]
    assert lane is action.lane, "a message says the method, and that says the lane"


RELEASED = {
    "1.0": {
        *("build_and_run_instance", "pause_instance", "unpause_instance"),
        "terminate_instance",
    },
    "1.1": {
        *("suspend_instance", "resume_instance", "stop_instance", "start_instance"),
        *("reboot_instance", "rescue_instance", "unrescue_instance"),
    },
}
"""Messages that hosts of each version understand. A released version never changes."""


def test_a_message_has_the_version_that_brought_it() -> None:
    """Otherwise an old host would get the message and drop it."""
    by_version = collections.defaultdict(set)
    for action in ALL:
        by_version[action.rpc_version].add(action.rpc_method)

    assert {version: by_version[version] for version in RELEASED} == RELEASED


@every_action
def test_hosts_of_this_version_understand_its_message(action: Action) -> None:
    assert understands(ComputeAPI.VERSION, action.rpc_version)


@pytest.mark.parametrize(
    "version", ["1.3", "2.0", "1", "1.0a1", "v1.0", "1.0.0", " 1.0", "x", "", None, 1.0]
)
def test_hosts_understand_no_other_version(version: object) -> None:
    """oslo.messaging fails on some of these, which another library would accept."""
    assert not understands("1.2", version)


@every_action
def test_it_cannot_restart_while_a_host_does_what_cannot_be_undone(
    action: Action,
) -> None:
    assert action.task_states[-1] not in action.preempts


@every_action
def test_the_step_from_which_it_is_done_once_is_its_own(action: Action) -> None:
    assert action.once_from is None or action.once_from in action.task_states


def test_a_name_and_a_task_state_identify_the_action() -> None:
    """Settling finds an action by these two alone."""
    for action in ALL:
        for task_state in action.task_states:
            assert instance_actions.of_claim(action.name, task_state) is action


def test_every_task_state_is_a_step_of_an_action() -> None:
    steps = {step for action in ALL for step in action.task_states}

    assert steps == set(TaskState)


def test_rows_of_one_key_differ_in_the_arguments_that_choose_them() -> None:
    """The body and the policy are checked before it is known which row is meant."""
    by_key = collections.defaultdict(list)
    for action in ALL:
        if action.key is not None:
            by_key[action.key].append(action)

    for rows in by_key.values():
        for one, other in itertools.combinations(rows, 2):
            assert (one.policy, one.body) == (other.policy, other.body)
            assert one.chosen_by.keys() == other.chosen_by.keys() != set()
            assert all(
                set(one.chosen_by[name]).isdisjoint(other.chosen_by[name])
                for name in one.chosen_by
            )


@every_entry
def test_its_key_finds_it(entry: Action | InPlace) -> None:
    if entry.key is None:
        return
    value = {
        name: next(iter(values))
        for name, values in getattr(entry, "chosen_by", {}).items()
    }

    assert instance_actions.find(entry.key, value) is entry


@every_entry
@pytest.mark.parametrize("said", [None, True, 1, "x", ["x"], {"x": 1}], ids=repr)
def test_every_value_finds_an_entry_of_its_key(
    entry: Action | InPlace, said: Any
) -> None:
    """The schema of the found entry then refuses a wrong value."""
    if entry.key is None:
        return
    names = getattr(entry, "chosen_by", {})
    for value in (said, dict.fromkeys(names, said)):
        found = instance_actions.find(entry.key, value)
        assert found is not None
        assert found.key == entry.key


@every_entry
def test_its_schemas_are_valid(entry: Action | InPlace) -> None:
    for schema in entry.body.values():
        Schema(schema)


@pytest.mark.parametrize("version", [(2, 1), (2, 44), (2, 45), (2, 104)])
@every_action
def test_it_has_an_answer_status(action: Action, version: Version) -> None:
    assert action.answer_at(version).status in (200, 202, 204)


def test_an_action_done_in_place_has_a_method() -> None:
    nobody: Any = None

    methods = ActionsInPlace(nobody, nobody).methods

    in_place = {entry.key for entry in IN_PLACE}
    assert in_place <= set(methods) <= in_place | {row.key for row in ALL}


@every_entry
def test_it_has_a_policy_rule(entry: Action | InPlace) -> None:
    assert entry.policy in {rule.name for rule in policy.list_rules()}
