# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which threads of a host perform an action."""

import enum


class Lane(enum.Enum):
    """An action never waits for a thread of another lane.

    Attributes:
        QUICK: it is over in a moment.
        BUILDS: it copies images, and takes as long as that does.
        WAITS: a guest may take a minute over it, and nothing is done meanwhile.
    """

    QUICK = "quick"
    BUILDS = "builds"
    WAITS = "waits"
