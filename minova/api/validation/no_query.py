# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The check of paths that take no query."""

import functools
from collections.abc import Callable
from typing import Final, ParamSpec

from minova.api.front.microversion import Versioned
from minova.api.front.request import Request
from minova.api.validation.schema import QuerySchema

P = ParamSpec("P")

_NOTHING: Final = Versioned(
    {"2.1": QuerySchema({}), "2.102": QuerySchema({}, strict=True)}
)


def takes_no_query(method: Callable[P, None]) -> Callable[P, None]:
    """Refuse a query since 2.102, and ignore it before.

    A few of Nova's paths never refuse one: tags, ``uptime``, ``statistics``, default
    quotas, images.
    """

    @functools.wraps(method)
    def respond(*args: P.args, **kwargs: P.kwargs) -> None:
        # Falcon calls on_get(self, req, resp, …).
        req = args[1]
        assert isinstance(req, Request)
        if req.query_string:
            _NOTHING.of(req.version).read(req.query_string)
        method(*args, **kwargs)

    return respond
