# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""gunicorn loads ``minova.wsgi.api:application``."""

import sys

from oslo_config import cfg
from oslo_log import log as logging

from minova import native_threads  # noqa: F401 - takes effect when imported
from minova.wsgi.n_api import Application, create_application

LOG = logging.getLogger(__name__)


def _create() -> Application:
    """Make n-api, or end gunicorn with one line if an option is wrong.

    gunicorn loads this before it forks.  A failing worker would start again and again.
    """
    try:
        return create_application()
    except cfg.Error as error:
        why = str(error)
    LOG.critical("n-api cannot start: %s", why)
    sys.exit(f"n-api: {why}")


application = _create()
