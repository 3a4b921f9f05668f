# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""minova: a faithful mini-Nova."""

from oslo_service import backend

# oslo.messaging imports oslo.service, whose default backend is eventlet's (4.8.0).
# Say what is meant before anyone else is asked: native threads.
backend.init_backend(backend.BackendType.THREADING)
