# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The actions that need no argument, by command name, from THE TABLE.

This module imports no library, to keep help and completion fast.
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Final

from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import Action, InPlace
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """An action that can be requested for many servers at once.

    Attributes:
        entry: the action's row in THE TABLE.
        value: the value of the action's key in the body.
        variants: other ways to do it, by option name, such as ``hard``.
    """

    name: str
    entry: Action | InPlace
    value: Any = None
    variants: Mapping[str, "Verb"] = dataclasses.field(default_factory=dict)

    @property
    def deletes(self) -> bool:
        return isinstance(self.entry, Action) and self.entry.name == "delete"

    def request(self, server_id: str) -> tuple[str, str, Any]:
        """Return the method, the path after ``/v2.1``, and the body."""
        path = f"/servers/{server_id}"
        if self.entry.key is None:
            return "DELETE", path, None
        return "POST", f"{path}/action", {self.entry.key: self.value}

    def why_not(self, vm_state: str, task_state: str | None) -> str:
        """Return the state that forbids the action, or an empty string.

        The cloud decides about unknown states and locked servers.
        """
        try:
            known = VMState(vm_state)
            task = TaskState(task_state) if task_state else None
        except ValueError:
            return ""
        if isinstance(self.entry, InPlace) or self.entry.may_start(known, task):
            return ""
        if self.entry.may_start(known, None):
            return f"task_state {task}"
        return f"vm_state {known}"

    @property
    def states(self) -> str:
        """The states before and after the action, for people."""
        if isinstance(self.entry, InPlace):
            return "any state"
        before = ", ".join(sorted(self.entry.vm_states))
        after = self.entry.leads_to
        if self.entry.starts_anywhere:
            before = "any state"
        shown = after if isinstance(after, VMState) else "as before"
        return f"{before} → {shown}"


def _word(key: str) -> str:
    """``os-stop`` → ``stop``, ``confirmResize`` → ``confirm-resize``."""
    words = re.findall("[A-Z]?[a-z]+", key.removeprefix("os-"))
    return "-".join(words).lower()


def _goes_without(entry: Action | InPlace) -> bool:
    return all("null" in schema.get("type", ()) for schema in entry.body.values())


def _verbs() -> dict[str, Verb]:
    delete = instance_actions.DELETE
    # DELETE /servers/{id}. The cloud decides whether this is a soft delete.
    found = {"delete": Verb(name="delete", entry=dataclasses.replace(delete, key=None))}
    for entry in (*instance_actions.ALL, *instance_actions.IN_PLACE):
        if entry.key is None:
            continue
        name = _word(entry.key)
        if isinstance(entry, Action) and entry.chosen_by:
            value = {key: words[0] for key, words in entry.chosen_by.items()}
            verb = Verb(name=name, entry=entry, value=value)
            if name in found:
                (way,) = (words[-1] for words in entry.chosen_by.values())
                variants = {**found[name].variants, way: verb}
                verb = dataclasses.replace(found[name], variants=variants)
            found[name] = verb
        elif _goes_without(entry):
            found[name] = Verb(name=name, entry=entry)
    return dict(sorted(found.items()))


VERBS: Final[Mapping[str, Verb]] = _verbs()
