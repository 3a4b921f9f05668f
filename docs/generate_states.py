# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Write docs/states.md from the table of actions, called by ``make samples``."""

from collections.abc import Iterable, Mapping, Sequence

from minova.vocabulary import instance_actions, task_states, vm_states
from minova.vocabulary.instance_actions import Action, Argument
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

_ACTIONS = """\
# Actions and states

This page says in which states each action may start, and where it leads. `make samples`
generates it from `instance_actions.py`, `vm_states.py` and `task_states.py` in
`minova/vocabulary`.

`tests/legality/nova.yaml` is written by hand, and says what Nova allows. Three tests
compare minova with it, over HTTP and with libvirt's test driver:

- `tests/functional/test_where_actions_start.py` requests every action in every pair of
  `vm_state` and `task_state`. minova must accept it where Nova does, and otherwise
  refuse it in Nova's words.
- `tests/functional/test_where_actions_lead.py` checks where each accepted action ends.
- `tests/functional/test_random_actions.py` plays random sequences on several servers,
  also at the same time. No server may be stuck, rows and guests must agree, records
  must be linear, and the sums of hosts and quotas must be right.
  `tests/unit/compute/test_random_actions.py` plays the sequences in one process.

## From where to where

The column is the `vm_state` in which an action starts. The cell is the `vm_state` to
which it leads. A hyphen is a refusal: 409, ``Cannot 'pause' instance … while it is in
vm_state stopped``.

"""
_TASKS = """
While a server has a `task_state`, only the actions below may take it over. Others are
refused: 409, ``Cannot 'pause' instance … while it is in task_state pausing``. A DELETE
of a server that is being deleted is accepted, and changes nothing.

"""
_IN_PLACE = """
A server that never ran may only be deleted. Other actions are refused: 409,
``Instance … is in an invalid state for 'pause'``.

Done in place, without a task: {}. They start in every pair of states, except
`changePassword` and the three that need another host (`compute_api/elsewhere.py`).
Only `os-resetState` changes a state.

## What each action does

"""
_COLUMNS = (
    *("action", "body", "from `vm_state`", "takes over", "`task_state`", "leaves"),
    *("done when the guest is", "once only from", "on failure", "message", "since RPC"),
)
_STATES = """
## What users see

| `vm_state` | `task_state` | status |
|---|---|---|
"""


def page() -> str:
    rows = (
        (
            f"`{action.name}`",
            _body(action),
            ", ".join(sorted(action.vm_states)) or "(new)",
            ", ".join(sorted(action.preempts)) or "nothing",
            " → ".join(action.task_states),
            _leaves(action),
            action.done_when or "(does not tell)",
            action.once_from or "",
            action.failed_vm_state or "as before",
            f"`{action.rpc_method}`",
            action.rpc_version,
        )
        for action in instance_actions.ALL
    )
    asked = [action for action in instance_actions.ALL if action.vm_states]
    in_place = ", ".join(f"`{entry.key}`" for entry in instance_actions.IN_PLACE)
    return "".join(
        (
            _ACTIONS + _table(_matrix(asked)),
            _TASKS + _table(_takers(asked)),
            _IN_PLACE.format(in_place) + _table([*_head(_COLUMNS), *rows]),
            _STATES + _table(_statuses()),
        )
    )


def _head(columns: Sequence[str]) -> list[Sequence[str]]:
    return [columns, ("---",) * len(columns)]


def _matrix(asked: Sequence[Action]) -> list[Sequence[str]]:
    """Show where each action leads from each state."""
    states = [state for state in VMState if state is not VMState.DELETED]
    rows = [
        (_title(action), *(_end(action, vm_state) for vm_state in states))
        for action in asked
    ]
    return [*_head(("", *states)), *rows]


def _end(action: Action, vm_state: VMState) -> str:
    if not action.may_start(vm_state, None):
        return "-"
    if isinstance(action.leads_to, Mapping):
        return action.leads_to[vm_state]
    return _leaves(action)


def _takers(asked: Sequence[Action]) -> list[Sequence[str]]:
    """Show the actions that a server with a task accepts."""
    rows = []
    for task_state in TaskState:
        takers = [_title(action) for action in asked if task_state in action.preempts]
        rows.append((task_state, ", ".join(takers) or "nothing"))
    return [*_head(("`task_state`", "may be taken over by")), *rows]


def _title(action: Action) -> str:
    return _body(action) or f"`{action.name}`"


def _body(action: Action) -> str:
    if action.key is None:
        return ""
    chosen = [f"{name} {min(values)}" for name, values in action.chosen_by.items()]
    return " ".join([f"`{action.key}`", *chosen])


def _leaves(action: Action) -> str:
    if isinstance(action.leads_to, Mapping):
        return ", ".join(f"{before} → {to}" for before, to in action.leads_to.items())
    if isinstance(action.leads_to, Argument):
        return f"as `{action.leads_to.name}` says"
    return action.leads_to or "as before"


def _statuses() -> list[tuple[str, ...]]:
    plain = [
        (str(vm_state), "any other", facts.status)
        for vm_state, facts in vm_states.FACTS.items()
    ]
    return plain + [
        (str(vm_state), str(task_state), word)
        for task_state, words in task_states.STATUS.items()
        for vm_state, word in words.items()
    ]


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
