# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Selects native threads.  Entry points import this before the rest of minova.

When oslo.messaging is imported, it selects oslo.service's eventlet backend, unless
another backend is selected already (oslo.service 4.8.0).  This backend and futurist
(3.5) import eventlet, which is always installed because oslo.service requires it.  That
would cost each process 10 MiB and a warning, and nothing uses eventlet.  A program that
imports minova as a library makes its own choice.
"""

import sys

from oslo_service import backend

sys.modules.setdefault("eventlet", None)  # type: ignore[arg-type]
backend.init_backend(backend.BackendType.THREADING)
