# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The query schema of /images."""

from typing import Final

from minova.api.nova_words.image_filters import NAMES, PROPERTY
from minova.api.validation.schema import QuerySchema
from minova.vocabulary.parameter_types import POSITIVE, TEXT

# Nova does not pass page_size and offset on to Glance.
IMAGES_QUERY: Final = QuerySchema(
    {
        "limit": POSITIVE,
        "page_size": POSITIVE,
        "offset": POSITIVE,
        "marker": TEXT,
        **dict.fromkeys(sorted(NAMES), TEXT),
    },
    passing=f"^{PROPERTY}",
)
