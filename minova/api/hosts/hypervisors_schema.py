# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Query schemas of /os-hypervisors."""

from typing import Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema
from minova.vocabulary.parameter_types import BOOLEAN, HOSTNAME, PAGE

_SINCE_253: Final = {
    **PAGE,
    "hypervisor_hostname_pattern": HOSTNAME,
    "with_servers": BOOLEAN,
}
HYPERVISORS_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema({}),
        "2.33": QuerySchema(PAGE),
        "2.53": QuerySchema(_SINCE_253, strict=True, once=_SINCE_253),
    }
)
HYPERVISOR_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema({}),
        "2.53": QuerySchema(
            {"with_servers": BOOLEAN}, strict=True, once={"with_servers"}
        ),
    }
)
