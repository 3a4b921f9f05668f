# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.fault_points.slow_n_cpu``: an n-cpu that takes seconds to act.

libvirt's test driver acts in milliseconds, so a client could miss a state.
"""

from minova.cmd import compute
from minova.db.api import Database
from tests.fault_points import points

points.late(Database, "instance_start", seconds=2)

if __name__ == "__main__":
    compute.main()
