# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An entry point: it chooses native threads, before any library chooses others."""

from minova import native_threads  # noqa: F401
