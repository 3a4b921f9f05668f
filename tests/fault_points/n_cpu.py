# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.fault_points.n_cpu``: n-cpu with steps to stop at."""

from minova.cmd import compute
from minova.db.api import Database
from minova.virt.libvirt.files import Files
from minova.virt.libvirt.guest import Guest
from tests.fault_points import points

points.around(Database, "instance_start", before="received", after="started")
for call in ("pause", "resume", "save_memory", "launch"):
    points.around(Guest, call, before="in guest call")
points.around(Guest, "power_off", before="power still on", after="power cut")
points.around(Files, "delete", after="disk removed")
points.around(Database, "instance_finish", before="guest done", after="saved")

if __name__ == "__main__":
    compute.main()
