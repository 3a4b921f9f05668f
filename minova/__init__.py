# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova: a faithful mini-Nova."""

import sys

# Native threads only.  oslo.service requires eventlet, and futurist imports it wherever
# it is installed (3.5): 10 MiB and a warning in each process, for what nobody uses.
sys.modules.setdefault("eventlet", None)  # type: ignore[arg-type]
