# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""gunicorn loads ``minova.wsgi.api:application``."""

from minova.wsgi.n_api import create_application

application = create_application()
