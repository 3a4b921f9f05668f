# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-services."""

from typing import Final

from minova.api.schemas.types import TEXT
from minova.api.validation import QuerySchema

SERVICES_QUERY: Final = QuerySchema({"host": TEXT, "binary": TEXT})
