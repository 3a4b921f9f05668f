# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""All cells of the matrix."""

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import Final

from tests.faults import kinds
from tests.faults.kinds import AT_ONCE, Asked, Kind
from tests.faults.rig import Rig


def _kill_mariadb(rig: Rig) -> None:
    assert rig.mariadb is not None
    rig.mariadb.kill()


_STRIKES: Final[dict[str, Callable[[Rig], None]]] = {
    "n-api killed": lambda rig: rig.cluster.kill_api(),
    "n-cpu killed": lambda rig: rig.cluster.kill_host(),
    "broker killed": lambda rig: rig.broker.kill(),
    "MariaDB killed": _kill_mariadb,
    "SQLite locked": lambda rig: rig.lock_database(),
    "libvirtd killed": lambda rig: rig.hypervisor.kill(),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """An action, the step it has reached, and the fault at that step."""

    kind: Kind
    asked: Asked
    step: str
    fault: str

    def __str__(self) -> str:
        return f"{self.asked.name}: {self.step}, {self.fault}"

    @property
    def id(self) -> str:
        """Return an id that pytest's -k accepts."""
        text = f"{self.asked.name}-{self.step}-{self.fault}".replace(",", "")
        return text.replace(" ", "_").replace("n-", "n_")

    @property
    def lasts(self) -> float:
        """Return how long the fault lasts at least. A writer waits 10 s for SQLite."""
        return 12.0 if self.fault == "SQLite locked" else 1.0

    def strike(self, rig: Rig) -> None:
        _STRIKES[self.fault](rig)


CELLS: Final = [
    Cell(kind, asked, step, fault)
    for kind in kinds.ALL
    for step, fault in kind.places
    for asked in kind.actions
]
_AT_ONCE: Final = [cell for cell in CELLS if cell.kind is AT_ONCE]
_OTHERS: Final = [cell for cell in CELLS if cell.kind is not AT_ONCE]


SEED: Final = 1
"""The seed of the sample."""


def slice_of(cells: Sequence[Cell], seed: int, size: int) -> list[Cell]:
    """Choose the same cells for the same seed.

    The sample has each step and each fault of pauses, and each action and each fault of
    the other kinds.
    """
    drawn = random.Random(seed).sample(cells, len(cells))
    kept: list[Cell] = []
    seen: set[str] = set()
    for cell in drawn:
        one = cell.step if cell.kind is AT_ONCE else cell.asked.name
        if not {one, cell.fault} <= seen:
            kept.append(cell)
            seen |= {one, cell.fault}
    rest = [cell for cell in drawn if cell not in kept]
    return (kept + rest)[:size]


SLICE: Final = slice_of(_AT_ONCE, SEED, 14) + slice_of(_OTHERS, SEED, 8)
"""The cells that run without --all."""

if __name__ == "__main__":
    print(f"faults: {len(SLICE)} of {len(CELLS)} cells, drawn with seed {SEED}")  # noqa: T201
    for cell in SLICE:
        print(f"    {cell}")  # noqa: T201
