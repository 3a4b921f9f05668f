# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Where each action starts in Nova, and where it leads, read from ``nova.yaml``."""

import dataclasses
import pathlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import Action, InPlace
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState

_ANY: Final = "any"
_SAME: Final = "same"
_DEFERRED: Final = "soft-deleting"

VM_STATES: Final = tuple(
    str(state) for state in VMState if state is not VMState.DELETED
)
TASK_STATES: Final = tuple(map(str, TaskState))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Legality:
    """One action. ``nova.yaml`` explains its attributes."""

    name: str
    leads: Mapping[str, str]
    ask: Mapping[str, Any] | None = None
    since: str = "2.1"
    word: str = ""
    status: int = 202
    step: str | None = None
    over: tuple[str, ...] | str = ()
    admin: bool = False
    says: str | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str | None:
        return None if self.ask is None else next(iter(self.ask))

    @property
    def is_offered(self) -> bool:
        """Tell whether minova offers it. A DELETE is deferred if minova can do that."""
        if self.ask is None:
            return (self.step == _DEFERRED) == (_DEFERRED in TASK_STATES)
        return self._found is not None

    @property
    def is_in_place(self) -> bool:
        """Tell whether it is done by the time it is answered."""
        return isinstance(self._found, InPlace)

    @property
    def _found(self) -> Action | InPlace | None:
        if self.ask is None:
            return None
        return instance_actions.find(str(self.key), self.ask[str(self.key)])

    def end(self, vm_state: str) -> str | None:
        """Return the ``vm_state`` it leads to; None where it may not start."""
        end = self.leads.get(vm_state, self.leads.get(_ANY))
        return vm_state if end == _SAME else end

    def refusal(
        self, server_id: str, vm_state: str, task_state: str | None
    ) -> str | None:
        """Return Nova's refusal for an existing server; None where it may start."""
        begins = f"Cannot '{self.word or self.key}' instance {server_id} while it is in"
        if self.end(vm_state) is None:
            return f"{begins} vm_state {vm_state}"
        if task_state is not None and self.over != _ANY and task_state not in self.over:
            return f"{begins} task_state {task_state}"
        return self.says


def _read() -> Iterator[Legality]:
    file = pathlib.Path(__file__).with_name("nova.yaml")
    for name, entry in yaml.safe_load(file.read_text()).items():
        yield Legality(name=name, **entry)


NOVA: Final = tuple(_read())
OFFERED: Final = tuple(entry for entry in NOVA if entry.is_offered)


def route(end: str) -> list[Legality]:
    """Return the shortest way from active to a ``vm_state``.

    Raises:
        KeyError: no action of Nova's leads there.
    """
    ways: dict[str, list[Legality]] = {"active": []}
    for vm_state in (states := ["active"]):
        for entry in OFFERED:
            to = entry.end(vm_state)
            if to is not None and to not in ways and entry.says is None:
                ways[to] = [*ways[vm_state], entry]
                states.append(to)
    return ways[end]
