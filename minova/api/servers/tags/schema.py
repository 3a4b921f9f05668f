# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /servers/{server_id}/tags."""

from typing import Final

from minova.api.validation.schema import Schema
from minova.vocabulary.parameter_types import MAX_TAGS, TAG, body

TAGS: Final = Schema(
    body("tags", {"type": "array", "items": TAG, "maxItems": MAX_TAGS})
)
ONE_TAG: Final = Schema(TAG)
NO_BODY: Final = Schema({"type": "null"})
