# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Tokens that Keystone has confirmed, so that not every request asks it again."""

import threading
import time
from collections import OrderedDict
from typing import Final

ENVIRON: Final = "minova.token_cache"
"""Where auth_token finds the cache in the WSGI environment (its option ``cache``)."""

_MOST: Final = 4096


class TokenCache:
    """What auth_token wants of a cache: ``get`` and ``set``; one for all threads.

    keystonemiddleware 13.0 brings a cache of this kind for when there is no memcached,
    but it keeps one for each thread that asks at once, has no bound, looks through all
    of it each time, and warns that it will go away.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        # Oldest first: all are kept for the same time.
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            until, value = self._kept.get(key, (0.0, b""))
            return value if _now() < until else None

    def set(self, key: str, value: bytes, time: int) -> None:
        """Keep something.

        Args:
            key: a digest of the token.
            value: what Keystone said of it.
            time: for how many seconds.
        """
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (_now() + time, value)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _now() -> float:
    return time.monotonic()
