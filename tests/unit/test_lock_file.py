# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Only those who share a lock can read its file, because a reader can hold it."""

import os
import pathlib
import stat

from minova.cmd import one_per_host


def test_others_cannot_hold_the_lock_of_a_host(tmp_path: pathlib.Path) -> None:
    """This also corrects a file that an earlier version made."""
    earlier = one_per_host.lock_path(tmp_path, "earlier")
    earlier.touch()
    earlier.chmod(0o664)

    for host in ("new", "earlier"):
        os.close(one_per_host.hold(tmp_path, host))

        path = one_per_host.lock_path(tmp_path, host)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
