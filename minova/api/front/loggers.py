# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The names under which n-api logs: Nova's, which readers grep for."""

import json
import re
from collections.abc import Callable
from typing import Any

from oslo_log import log as logging
from oslo_utils import strutils

WSGI = logging.getLogger("minova.api.openstack.wsgi")
REQUEST_LOG = logging.getLogger("minova.api.openstack.requestlog")


def log_action(name: str, method: Callable[..., None], body: Any) -> None:
    """Nova's line for what a body asks, with passwords masked."""
    masked = strutils.mask_dict_password(body) if isinstance(body, dict) else body
    text = json.dumps(masked)
    if "adminPass" in text:
        # In a list, or wherever else it does not belong; or it is no text.
        text = strutils.mask_password(text)
        text = re.sub(r'"adminPass": [\[{].*', '"adminPass": "***"', text)
    WSGI.debug("Action: '%s', calling method: %s, body: %s", name, method, text)
