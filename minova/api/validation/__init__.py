# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks of bodies and queries against their schemas, with Nova's errors."""
