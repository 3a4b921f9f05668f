# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Imported before oslo.messaging, so that its oslo.service has native threads.

oslo.service's default backend is eventlet's (4.8.0), and it is chosen at the import.
"""

from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)
