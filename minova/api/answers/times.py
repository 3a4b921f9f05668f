# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Times in Nova's two formats."""

import datetime


def seconds(time: datetime.datetime | None) -> str | None:
    """``2026-11-22T20:27:23Z``."""
    return None if time is None else f"{time:%Y-%m-%dT%H:%M:%SZ}"


def micros(time: datetime.datetime | None) -> str | None:
    """``2026-11-22T20:27:23.000000``; Nova stores whole seconds."""
    return None if time is None else f"{time:%Y-%m-%dT%H:%M:%S}.000000"
