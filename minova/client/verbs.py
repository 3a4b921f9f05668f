# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The actions that need no argument, by the word of the command: out of THE TABLE.

It imports no library, for the command's help and completion.
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
    """What can be asked of many servers at once.

    Attributes:
        entry: of the table.
        value: what stands behind the key in the body.
        variants: the same done in another way, by the word for it: ``hard``.
    """

    name: str
    entry: Action | InPlace
    value: Any = None
    variants: Mapping[str, "Verb"] = dataclasses.field(default_factory=dict)

    @property
    def deletes(self) -> bool:
        return isinstance(self.entry, Action) and self.entry.name == "delete"

    def request(self, server_id: str) -> tuple[str, str, Any]:
        """Method, path behind ``/v2.1``, and body."""
        path = f"/servers/{server_id}"
        if self.entry.key is None:
            return "DELETE", path, None
        return "POST", f"{path}/action", {self.entry.key: self.value}

    def why_not(self, vm_state: str, task_state: str | None) -> str:
        """The state that the action cannot start from, or an empty string.

        A state that nobody knows is left to the cloud, and so is a lock.
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
        """From where to where it leads, for people."""
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
    # DELETE /servers/{id}; whether that is deferred is the cloud's to say.
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
