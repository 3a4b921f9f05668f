# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Tokens that Keystone has confirmed, so that not every request asks it again."""

import threading
from typing import Any, Final

import cachetools

ENVIRON: Final = "minova.token_cache"
"""Where auth_token finds the cache in the WSGI environment (its option ``cache``)."""


class TokenCache:
    """What auth_token wants of a cache: ``get`` and ``set``; one for all threads.

    keystonemiddleware 13.0 brings a cache of this kind for when there is no memcached,
    but it keeps one for each thread that asks at once, has no bound, looks through all
    of it each time, and warns that it will go away.
    """

    def __init__(self, most: int = 4096) -> None:
        self._lock = threading.Lock()
        self._kept: Any = cachetools.TLRUCache(
            most, ttu=lambda _key, kept, now: now + kept[1]
        )

    def get(self, key: str) -> bytes | None:
        """What Keystone said of a token; the key is the token's digest."""
        with self._lock:
            value: bytes | None = self._kept.get(key, (None, 0))[0]
            return value

    def set(self, key: str, value: bytes, time: int) -> None:
        """Keep it for so many seconds."""
        with self._lock:
            self._kept[key] = value, time

    def forget(self) -> None:
        """Have Keystone asked about each token again."""
        with self._lock:
            self._kept.clear()
