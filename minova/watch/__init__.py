# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova watch``: shows the servers of any Nova as they change.

A look asks only the Compute API what changed. Only ``coloured``, which draws, needs
Rich.
"""
