# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a look brings home: what is wrong, what is well, and what it might not see."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from minova.doctor import kinds
from minova.doctor.kinds import Kind, Severity


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong.

    Attributes:
        values: what stands where the texts of its kind have braces.
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
        """Whether it may keep a server from where it should be."""
        mine = {"server": server, "host": host}
        return all(self.values.get(key, mine[key]) == mine[key] for key in mine)


def finding(name: str, /, **values: Any) -> Finding:
    """One of the kind that has this name."""
    return Finding(kinds.BY_NAME[name], values)


@dataclasses.dataclass(frozen=True, slots=True)
class NotLooked:
    """What could not be looked at, why, and how to be allowed."""

    subject: str
    why: str
    how: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at, in a few words."""

    subject: str
    what: str


Said = Finding | Seen | NotLooked


@dataclasses.dataclass(slots=True)
class Report:
    """All that one examination found."""

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
        """Causes first."""
        order = list(kinds.ALL)
        self.findings.sort(key=lambda each: order.index(each.kind))

    @property
    def is_well(self) -> bool:
        """Notes are of what somebody wanted so."""
        return all(each.kind.severity is Severity.NOTE for each in self.findings)
