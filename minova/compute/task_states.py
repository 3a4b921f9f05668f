# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What is being done to a server; NULL when nothing is."""

import enum


class TaskState(enum.StrEnum):
    """The transitions, under Nova's names."""

    SPAWNING = "spawning"
    PAUSING = "pausing"
    UNPAUSING = "unpausing"
    POWERING_OFF = "powering-off"
    DELETING = "deleting"
