# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Flavor: how much of a host a server may use."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, Self


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """A row of ``flavors``.  A server keeps the copy that it was created with.

    Attributes:
        memory_mb, swap: MiB.
        root_gb, ephemeral_gb: GiB.
        extra_specs: for schedulers and drivers.
    """

    flavorid: str
    name: str
    memory_mb: int
    vcpus: int
    root_gb: int
    ephemeral_gb: int = 0
    swap: int = 0
    rxtx_factor: float = 1.0
    disabled: bool = False
    is_public: bool = True
    description: str | None = None
    extra_specs: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Reverse ``to_dict``.  Unknown fields, from a later version, are ignored."""
        return cls(**{key: value for key, value in values.items() if key in _FIELDS})


_FIELDS: Final = frozenset(field.name for field in dataclasses.fields(Flavor))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FlavorFilter:
    """Which flavors to list, and in which order.

    Attributes:
        is_public: None asks for all.
        project_id: with ``is_public``, also this project's private flavors.
        min_ram: MiB.
        min_disk: GiB.
        name: a regular expression.
        sort_key: a column of ``flavors``.
    """

    is_public: bool | None = True
    project_id: str | None = None
    min_ram: int = 0
    min_disk: int = 0
    name: str | None = None
    sort_key: str = "flavorid"
    descending: bool = False
