# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The tokens that Keystone has confirmed to n-api; a reset forgets them."""

from collections.abc import Callable, Iterable
from typing import Any

from minova.api.front.token_cache import ENVIRON, TokenCache


class Tokens:
    """WSGI middleware around n-api."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._cache = TokenCache()
        self.forget = self._cache.forget

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        environ[ENVIRON] = self._cache
        return self._app(environ, start_response)
