# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which threads of a host perform an action."""

import enum


class Lane(enum.Enum):
    """An action never waits for a thread of another lane.

    Attributes:
        QUICK: it is over in a moment.
        BUILDS: it copies images, and takes as long as that does.
        WAITS: it may take a minute, in which n-cpu does nothing: a guest powers itself
            off, or the hypervisor moves its memory.
    """

    QUICK = "quick"
    BUILDS = "builds"
    WAITS = "waits"
