# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova doctor`` names each fault of the matrix correctly."""

from typing import Final

import pytest

from tests.doctors import Doctor
from tests.faults.kinds import FAULTS
from tests.faults.matrix import CELLS
from tests.faults.rig import Rig

NAMED: Final = {
    "n-api killed": "api-away",
    "n-cpu killed": "n-cpu-stopped",
    "broker killed": "broker-away",
    "MariaDB killed": "database-away",
    "SQLite locked": "database-locked",
    "libvirtd killed": "libvirt-away",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_a_name(fault: str, request: pytest.FixtureRequest) -> None:
    on = "on_sqlite" if fault == "SQLite locked" else "on_mariadb"
    rig: Rig = request.getfixturevalue(on)
    rig.points.clear()
    rig.heal()
    doctor = Doctor(rig.cluster)
    doctor.wait_until_well()
    cell = next(each for each in CELLS if each.fault == fault)

    cell.strike(rig)
    try:
        named = doctor.finds()
    finally:
        rig.heal()

    assert named[0] == NAMED[fault]
    if fault == "MariaDB killed":
        assert named == [NAMED[fault], "api-unavailable"]
    doctor.wait_until_well()
