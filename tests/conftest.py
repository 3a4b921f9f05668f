# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova is imported before any oslo library: it chooses their threads."""

import minova  # noqa: F401
