# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The status of a server: one word for its states."""

from collections.abc import Iterable, Iterator
from typing import Final

from minova.vocabulary import task_states, vm_states
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

_OF_NOVA: Final = frozenset(
    {
        *("MIGRATING", "PASSWORD", "REBUILD", "RESIZE", "REVERT_RESIZE", "SHELVED"),
        *("SHELVED_OFFLOADED", "SOFT_DELETED", "VERIFY_RESIZE"),
    }
)


def status(
    vm_state: VMState, task_state: TaskState | None, *, deleted: bool = False
) -> str:
    """Return the status, as in Nova: ``pausing`` is ACTIVE, ``rebooting`` is REBOOT."""
    if deleted:
        return "DELETED"
    if task_state is not None:
        changed = task_states.STATUS.get(task_state, {}).get(vm_state)
        if changed is not None:
            return changed
    return vm_states.facts_of(vm_state).status


def states_of(
    statuses: Iterable[str],
) -> tuple[frozenset[VMState], frozenset[TaskState] | None] | None:
    """Return the states of some statuses, as Nova's filter finds them.

    Returns:
        The ``vm_state`` values and the ``task_state`` values, or None if no status
        exists. ``REBOOT`` limits the ``task_state``; ``ACTIVE`` does not, so its values
        are None.
    """
    wanted = {text.upper() for text in statuses}
    found = [row for row in _rows() if row[0] in wanted]
    if not found and not wanted & NEVER:
        return None
    tasks = [task_state for _status, _vm_state, task_state in found]
    return (
        frozenset(vm_state for _status, vm_state, _task_state in found),
        None if None in tasks else frozenset(task for task in tasks if task),
    )


def _rows() -> Iterator[tuple[str, VMState, TaskState | None]]:
    for vm_state, facts in vm_states.FACTS.items():
        yield facts.status, vm_state, None
    for task_state, words in task_states.STATUS.items():
        for vm_state, word in words.items():
            yield word, vm_state, task_state


NEVER: Final = _OF_NOVA - {word for word, _vm_state, _task_state in _rows()}
"""Nova's statuses that no server has here; a filter for them finds nothing."""
