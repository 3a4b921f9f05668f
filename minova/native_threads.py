# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What an entry point imports before anything of minova: its threads are native ones.

oslo.messaging chooses oslo.service's backend when it is imported, and eventlet's unless
there is one (4.8.0).  That, and futurist (3.5), import eventlet wherever it is
installed, and oslo.service requires it: 10 MiB and a warning in each process, for what
nobody uses.  Whoever imports minova into a process of their own chooses themselves.
"""

import sys

from oslo_service import backend

sys.modules.setdefault("eventlet", None)  # type: ignore[arg-type]
backend.init_backend(backend.BackendType.THREADING)
