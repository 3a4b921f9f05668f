# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova is imported before any oslo library: it keeps eventlet out of them."""

import minova  # noqa: F401
