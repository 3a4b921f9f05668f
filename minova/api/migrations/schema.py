# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Schemas of /os-migrations, and of the only action of a server's migration."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema, Schema
from minova.vocabulary.parameter_types import PAGE, TEXT, body

_TIME: Final = {"type": "string", "format": "date-time"}
_FILTERS: Final[dict[str, Any]] = {
    "hidden": TEXT,
    "host": TEXT,
    "instance_uuid": TEXT,
    "source_compute": TEXT,
    "status": TEXT,
    "migration_type": TEXT,
}


def _since(once: dict[str, Any]) -> QuerySchema:
    return QuerySchema(_FILTERS | once, strict=True, once=once)


_OF_259: Final = {**PAGE, "changes-since": _TIME}
_OF_266: Final = {**_OF_259, "changes-before": _TIME}

MIGRATIONS_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema(_FILTERS),
        "2.59": _since(_OF_259),
        "2.66": _since(_OF_266),
        "2.80": _since({**_OF_266, "user_id": TEXT, "project_id": TEXT}),
    }
)
FORCE_COMPLETE: Final = Schema(body("force_complete", {"type": "null"}))
