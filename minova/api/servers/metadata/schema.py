# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of /servers/{server_id}/metadata."""

from typing import Final

from minova.api.validation.schema import Schema
from minova.vocabulary.parameter_types import METADATA, body

METADATA_ITEMS: Final = Schema(body("metadata", METADATA))
METADATA_ITEM: Final = Schema(
    body("meta", {**METADATA, "minProperties": 1, "maxProperties": 1})
)
