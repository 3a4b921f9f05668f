# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How auth_token caches Keystone's answers."""

from minova.api.front.token_cache import TokenCache


def test_it_keeps_a_token_for_its_time() -> None:
    cache = TokenCache()
    cache.set("now", b"a", time=300)
    cache.set("never", b"b", time=0)

    assert cache.get("now") == b"a"
    assert cache.get("never") is None
    assert cache.get("unknown") is None


def test_the_oldest_token_is_dropped() -> None:
    cache = TokenCache(most=2)
    for key in ("one", "two", "one", "three"):
        cache.set(key, key.encode(), time=300)

    assert cache.get("one") == b"one"
    assert cache.get("two") is None
    assert cache.get("three") == b"three"
