# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/flavors."""

from typing import Final

from minova.api.schemas.types import PAGE, TEXT
from minova.api.validation import QuerySchema

FLAVORS_QUERY: Final = QuerySchema(
    {**PAGE, "is_public": TEXT, "minRam": TEXT, "minDisk": TEXT}
)
