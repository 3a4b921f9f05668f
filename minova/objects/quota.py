# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Quotas: how much a project, or a user in it, may have."""

import dataclasses
from collections.abc import Mapping
from typing import Final

UNLIMITED: Final = -1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Numbers of servers and their resources.  As a limit, -1 means no limit.

    Attributes:
        ram: MiB.
    """

    instances: int
    cores: int
    ram: int

    @property
    def unlimited(self) -> bool:
        return {self.instances, self.cores, self.ram} == {UNLIMITED}

    def times(self, count: int) -> "Amounts":
        return Amounts(
            instances=self.instances * count,
            cores=self.cores * count,
            ram=self.ram * count,
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateQuota:
    """The limits to check before a server is inserted.

    Attributes:
        project, user: the limits of the project, and of the user in it.
        min_count, max_count: the minimum and maximum number of wanted servers.
        group_members: how many of the user's servers a server group may have.
    """

    project: Amounts
    user: Amounts
    min_count: int = 1
    max_count: int = 1
    group_members: int = UNLIMITED


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Limits that are set in the database, by resource.

    Attributes:
        default: limits of the quota class ``default``, which replace the options.
        project: limits of a project.
        user: limits of a user in the project.
    """

    default: Mapping[str, int]
    project: Mapping[str, int]
    user: Mapping[str, int]
