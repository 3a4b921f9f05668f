# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Query schemas of /os-simple-tenant-usage."""

from typing import Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema
from minova.vocabulary.parameter_types import PAGE, TEXT

_PERIOD: Final = {"start": TEXT, "end": TEXT}


def _query(**more: dict[str, str]) -> Versioned[QuerySchema]:
    known = {**_PERIOD, **more}
    return Versioned(
        {
            "2.1": QuerySchema(known),
            "2.40": QuerySchema({**known, **PAGE}),
            "2.75": QuerySchema({**known, **PAGE}, strict=True),
        }
    )


USAGES_QUERY: Final = _query(detailed=TEXT)
USAGE_QUERY: Final = _query()
