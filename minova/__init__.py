# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova: a faithful mini-Nova."""

import sys

# Native threads only.  oslo.service requires eventlet, and futurist imports it wherever
# it is installed (3.5): 10 MiB and a warning in each process, for what nobody uses.
sys.modules.setdefault("eventlet", None)  # type: ignore[arg-type]

from oslo_service import backend  # noqa: E402 - it is this one that must not see it

# oslo.messaging imports oslo.service, whose default backend is eventlet's (4.8.0).
# Say what is meant before anyone else is asked.
backend.init_backend(backend.BackendType.THREADING)
