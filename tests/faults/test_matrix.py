# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every step of every kind of action, with every fault that can happen there."""

import pytest

from tests.faults import cell as cells
from tests.faults import expected
from tests.faults.matrix import CELLS, SLICE, Cell


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(
            cell, id=cell.id, marks=() if cell in SLICE else pytest.mark.campaign
        )
        for cell in CELLS
    ],
)
def test_a_fault(request: pytest.FixtureRequest, cell: Cell) -> None:
    """The promise is kept (``cell.run`` checks it), and the table is right."""
    on = "on_sqlite" if cell.fault == "SQLite locked" else "on_mariadb"

    outcome = cells.run(request.getfixturevalue(on), cell)

    assert expected.of(outcome, cell) in expected.results(cell), outcome
