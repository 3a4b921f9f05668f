# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The results of looks: what is wrong, what is well, and what could not be seen."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from minova.doctor import kinds
from minova.doctor.kinds import Kind, Severity


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    Attributes:
        values: what to put into the braces of its kind's texts.
    """

    kind: Kind
    values: Mapping[str, Any]

    @property
    def what(self) -> str:
        return self.kind.what.format_map(self.values)

    @property
    def by_itself(self) -> str:
        return self.kind.by_itself.format_map(self.values)

    @property
    def repair(self) -> str:
        return self.kind.repair.format_map(self.values)

    def concerns(self, server: str, host: str | None) -> bool:
        """Return whether this may keep a server from the state it should be in."""
        mine = {"server": server, "host": host}
        return all(self.values.get(key, mine[key]) == mine[key] for key in mine)


def finding(name: str, /, **values: Any) -> Finding:
    """Make a finding of the kind with this name."""
    return Finding(kinds.BY_NAME[name], values)


@dataclasses.dataclass(frozen=True, slots=True)
class NotLooked:
    """Something that could not be looked at, why, and how to get access."""

    subject: str
    why: str
    how: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """Something that was looked at, in a few words."""

    subject: str
    what: str


Said = Finding | Seen | NotLooked


@dataclasses.dataclass(slots=True)
class Report:
    """All results of one examination."""

    findings: list[Finding] = dataclasses.field(default_factory=list)
    seen: list[Seen] = dataclasses.field(default_factory=list)
    not_looked: list[NotLooked] = dataclasses.field(default_factory=list)

    def add(self, said: Iterable[Said]) -> None:
        for each in said:
            match each:
                case Finding():
                    self.findings.append(each)
                case Seen():
                    self.seen.append(each)
                case NotLooked():
                    self.not_looked.append(each)

    def has(self, *names: str) -> bool:
        return any(each.kind.name in names for each in self.findings)

    def sort(self) -> None:
        """Put causes first."""
        order = list(kinds.ALL)
        self.findings.sort(key=lambda each: order.index(each.kind))

    @property
    def is_well(self) -> bool:
        """Notes do not count: an admin wanted them."""
        return all(each.kind.severity is Severity.NOTE for each in self.findings)
