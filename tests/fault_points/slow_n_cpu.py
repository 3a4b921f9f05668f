# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.fault_points.slow_n_cpu``: n-cpu that takes seconds for anything.

libvirt's test driver takes milliseconds; a client that must see a step sees it here.
"""

from minova.cmd import compute
from minova.db.api import Database
from tests.fault_points import points

points.late(Database, "instance_start", seconds=2)

if __name__ == "__main__":
    compute.main()
