# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reliability.md has the cells that are tested, and says of them what is so."""

from tests.faults import expected
from tests.faults.matrix import CELLS, FAULTS, SLICE, STEPS, slice_of


def test_the_page_has_every_cell_and_no_other() -> None:
    rows = expected.in_page().splitlines()

    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[2:]] == list(STEPS)
    assert rows[0] == f"| the request stands | {' | '.join(FAULTS)} |"
    assert expected.in_page() == expected.table()


def test_every_step_meets_every_fault_for_both_actions() -> None:
    tested = {(cell.action, cell.step, cell.fault) for cell in CELLS}

    assert len(tested) == len(CELLS) == 2 * len(STEPS) * len(FAULTS)


def test_the_slice_has_every_step_and_every_fault() -> None:
    assert {cell.step for cell in SLICE} == set(STEPS)
    assert {cell.fault for cell in SLICE} == set(FAULTS)
    assert slice_of(1, 13) == slice_of(1, 13) != slice_of(2, 13)
