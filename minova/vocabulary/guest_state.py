# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a guest is, more than its power state tells."""

import enum


class GuestState(enum.StrEnum):
    """A saved guest is off *and* has its memory on disk; a rescued one runs.

    What a driver answers when it is asked whether an action has been done.
    """

    RUNNING = "running"
    PAUSED = "paused"
    OFF = "off"
    """Without power, and without a memory that it could go on from."""
    SAVED = "saved"
    """Without power; its memory is on disk (libvirt's managed save)."""
    RESCUED = "rescued"
    """It runs another system than its own."""
    ASLEEP = "asleep"
    """It put itself to sleep (ACPI S3)."""
    GONE = "gone"
    """There is no guest."""
