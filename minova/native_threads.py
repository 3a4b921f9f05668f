# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Selects native threads.  Entry points import this before the rest of minova.

When imported, oslo.messaging selects oslo.service's eventlet backend, unless another
one is selected already (4.8.0).  This backend and futurist (3.5) import eventlet, which
oslo.service requires: 10 MiB and a warning in each process, for something unused.  A
program that imports minova as a library makes its own choice.
"""

import sys

from oslo_service import backend

sys.modules.setdefault("eventlet", None)  # type: ignore[arg-type]
backend.init_backend(backend.BackendType.THREADING)
