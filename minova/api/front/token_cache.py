# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cache of Keystone's answers about tokens."""

import threading
from typing import Any, Final

import cachetools

ENVIRON: Final = "minova.token_cache"
"""Key of the cache in the WSGI environment (auth_token's option ``cache``)."""


class TokenCache:
    """The cache that auth_token calls; all threads share it.

    keystonemiddleware 13.0 has its own cache for use without memcached. But it has one
    for each concurrent thread and no size limit, searches every entry each time, and
    warns that it is deprecated.
    """

    def __init__(self, most: int = 4096) -> None:
        self._lock = threading.Lock()
        self._kept: Any = cachetools.TLRUCache(
            most, ttu=lambda _key, kept, now: now + kept[1]
        )

    def get(self, key: str) -> bytes | None:
        """Return Keystone's answer about a token; the key is the token's digest."""
        with self._lock:
            value: bytes | None = self._kept.get(key, (None, 0))[0]
            return value

    def set(self, key: str, value: bytes, time: int) -> None:
        """Keep an answer for ``time`` seconds."""
        with self._lock:
            self._kept[key] = value, time

    def forget(self) -> None:
        """Empty the cache; Keystone is asked about each token again."""
        with self._lock:
            self._kept.clear()
