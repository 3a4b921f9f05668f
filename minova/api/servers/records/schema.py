# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Query schemas of /servers/{server_id}/os-instance-actions."""

from typing import Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema
from minova.vocabulary.parameter_types import PAGE

_TIME: Final = {"type": "string", "format": "date-time"}
_SINCE_258: Final = {**PAGE, "changes-since": _TIME}
_SINCE_266: Final = {**_SINCE_258, "changes-before": _TIME}

ACTIONS_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema({}),
        "2.58": QuerySchema(_SINCE_258, strict=True, once=_SINCE_258),
        "2.66": QuerySchema(_SINCE_266, strict=True, once=_SINCE_266),
    }
)
