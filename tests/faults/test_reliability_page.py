# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reliability.md lists exactly the tested cells, with their right results."""

from tests.faults import expected, kinds
from tests.faults.kinds import AT_ONCE, FAULTS, STEPS
from tests.faults.matrix import CELLS, SLICE, slice_of


def test_the_page_has_exactly_the_cells() -> None:
    assert expected.in_page() == expected.tables()


def test_every_step_meets_every_fault_for_pause_and_unpause() -> None:
    """Except for three steps of actions that cut the power or remove a disk."""
    tested = {(cell.step, cell.fault) for cell in CELLS if cell.kind is AT_ONCE}

    assert len(tested) == (len(STEPS) - 3) * len(FAULTS)
    assert sum(cell.kind is AT_ONCE for cell in CELLS) == 120


def test_no_cell_is_there_twice() -> None:
    assert len({cell.id for cell in CELLS}) == len(CELLS)


def test_the_slice_has_every_step_every_fault_and_every_action() -> None:
    of_pauses = [cell for cell in SLICE if cell.kind is AT_ONCE]
    assert {cell.step for cell in of_pauses} == {step for step, _ in AT_ONCE.places}
    assert {cell.fault for cell in of_pauses} == set(FAULTS)
    assert {cell.asked for cell in SLICE} == {
        asked for kind in kinds.ALL for asked in kind.actions
    }
    assert slice_of(CELLS, 1, 13) == slice_of(CELLS, 1, 13) != slice_of(CELLS, 2, 13)
