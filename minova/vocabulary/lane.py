# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Lanes: which threads of a host perform an action."""

import enum


class Lane(enum.Enum):
    """An action never waits for a thread of another lane.

    Attributes:
        QUICK: actions that take only a moment.
        BUILDS: actions that copy images.
        WAITS: actions that may take a minute while n-cpu only waits: a guest powers
            itself off, or the hypervisor moves its memory.
    """

    QUICK = "quick"
    BUILDS = "builds"
    WAITS = "waits"
