# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The loggers of n-api, with Nova's names, because readers grep for them."""

import json
import re
from collections.abc import Callable
from typing import Any

from oslo_log import log as logging
from oslo_utils import strutils

WSGI = logging.getLogger("minova.api.openstack.wsgi")
REQUEST_LOG = logging.getLogger("minova.api.openstack.requestlog")


def log_action(name: str, method: Callable[..., None], body: Any) -> None:
    """Log a request's body in Nova's words, with passwords masked."""
    masked = strutils.mask_dict_password(body) if isinstance(body, dict) else body
    text = json.dumps(masked)
    if "adminPass" in text:
        # The password is in a wrong place, such as a list, or is not a string.
        text = strutils.mask_password(text)
        text = re.sub(r'"adminPass": [\[{].*', '"adminPass": "***"', text)
    WSGI.debug("Action: '%s', calling method: %s, body: %s", name, method, text)
