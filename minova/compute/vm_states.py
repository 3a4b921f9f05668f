# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a server is, whatever the hypervisor says of it now."""

import enum


class VMState(enum.StrEnum):
    """The stable states, under Nova's names."""

    BUILDING = "building"
    """Accepted; there is no guest yet."""
    ACTIVE = "active"
    """The guest runs."""
    PAUSED = "paused"
    """The guest's virtual CPUs stand still, its memory is in place."""
    STOPPED = "stopped"
    """The guest is off."""
    ERROR = "error"
    """Something failed that the user can only answer by deleting the server."""
    DELETED = "deleted"
    """Gone; the row stays for the record."""
