# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which cells there are."""

import dataclasses
import itertools
import random
from collections.abc import Callable
from typing import Final

from tests.faults.rig import Rig

STEPS: Final = (
    "before claim",
    "after claim",
    "after cast",
    "confirm held back, not begun",
    "confirm held back, begun",
    "received",
    "started",
    "in guest call",
    "guest done",
    "saved",
)
"""Where a request stands, in the order it gets there; the first five are n-api's."""


def _kill_mariadb(rig: Rig) -> None:
    assert rig.mariadb is not None
    rig.mariadb.kill()


FAULTS: Final[dict[str, Callable[[Rig], None]]] = {
    "n-api killed": lambda rig: rig.cluster.kill_api(),
    "n-cpu killed": lambda rig: rig.cluster.kill_host(),
    "broker killed": lambda rig: rig.broker.kill(),
    "MariaDB killed": _kill_mariadb,
    "SQLite locked": lambda rig: rig.lock_database(),
    "libvirtd killed": lambda rig: rig.hypervisor.kill(),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """An action, where it stands, and what is killed then."""

    action: str
    step: str
    fault: str

    def __str__(self) -> str:
        return f"{self.action}: {self.step}, {self.fault}"

    @property
    def id(self) -> str:
        """A word that pytest's -k takes."""
        text = f"{self.action}-{self.step}-{self.fault}".replace(",", "")
        return text.replace(" ", "_").replace("n-", "n_")

    @property
    def starts_from(self) -> str:
        return "ACTIVE" if self.action == "pause" else "PAUSED"

    @property
    def does(self) -> str:
        """What QEMU calls it."""
        return "STOP" if self.action == "pause" else "RESUME"

    @property
    def undoes(self) -> str:
        return "RESUME" if self.action == "pause" else "STOP"

    @property
    def lasts(self) -> float:
        """Seconds that the fault lasts at least; a writer waits 10 s for SQLite."""
        return 12.0 if self.fault == "SQLite locked" else 1.0

    def strike(self, rig: Rig) -> None:
        FAULTS[self.fault](rig)


CELLS: Final = [
    Cell(action, step, fault)
    for step, fault, action in itertools.product(STEPS, FAULTS, ("pause", "unpause"))
]


SEED: Final = 59
"""What the slice is drawn with."""
SLICE_SIZE: Final = 14


def slice_of(seed: int, size: int) -> list[Cell]:
    """The same cells for the same seed, with every step and every fault among them."""
    drawn = random.Random(seed).sample(CELLS, len(CELLS))
    kept: list[Cell] = []
    seen: set[str] = set()
    for cell in drawn:
        if not {cell.step, cell.fault} <= seen:
            kept.append(cell)
            seen |= {cell.step, cell.fault}
    rest = [cell for cell in drawn if cell not in kept]
    return (kept + rest)[:size]


SLICE: Final = slice_of(SEED, SLICE_SIZE)
"""What runs without --all."""

if __name__ == "__main__":
    print(f"faults: {len(SLICE)} of {len(CELLS)} cells, drawn with seed {SEED}")  # noqa: T201
    for cell in SLICE:
        print(f"    {cell}")  # noqa: T201
