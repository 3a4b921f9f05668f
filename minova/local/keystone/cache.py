# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Keystone's cache, in its own process; a reset empties it.

With the cache a request to Keystone takes 5 ms, without it 50 ms.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import cachetools
from dogpile.cache.api import NO_VALUE
from dogpile.cache.proxy import ProxyBackend

KEPT: Final[cachetools.LRUCache[str, Any]] = cachetools.LRUCache(20_000)


class Kept(ProxyBackend):
    """Replaces dogpile's dictionary, which cannot be emptied.

    The values are pickled (``dogpile.cache.memory_pickle``), because Keystone changes
    the objects that it gets.
    """

    def get_serialized(self, key: str) -> Any:
        return KEPT.get(key, NO_VALUE)

    def get_serialized_multi(self, keys: Iterable[str]) -> list[Any]:
        return [self.get_serialized(key) for key in keys]

    def set_serialized(self, key: str, value: Any) -> None:
        KEPT[key] = value

    def set_serialized_multi(self, mapping: Mapping[str, Any]) -> None:
        KEPT.update(mapping)

    def delete(self, key: str) -> None:
        KEPT.pop(key, None)

    def delete_multi(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.delete(key)
