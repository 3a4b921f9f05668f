# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/images."""

from typing import Final

from minova.api.schemas.types import PAGE, TEXT
from minova.api.validation import QuerySchema

IMAGES_QUERY: Final = QuerySchema({**PAGE, "name": TEXT, "status": TEXT})
