# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The names under which n-api logs: Nova's, for they are what readers grep for."""

import json
from collections.abc import Callable
from typing import Any

from oslo_log import log as logging
from oslo_utils import strutils

WSGI = logging.getLogger("minova.api.openstack.wsgi")
REQUEST_LOG = logging.getLogger("minova.api.openstack.requestlog")


def log_action(name: str, method: Callable[..., None], body: Any) -> None:
    """Nova's line for what a body asks, with passwords masked."""
    masked = strutils.mask_dict_password(body) if isinstance(body, dict) else body
    WSGI.debug(
        "Action: '%s', calling method: %s, body: %s", name, method, json.dumps(masked)
    )
