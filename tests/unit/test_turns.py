# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A limited number of requests is handled at a time, for any number of clients."""

import threading
from collections.abc import Iterable
from typing import Any

import pytest

from minova.api.front.turns import AT_ONCE, Turns


def test_one_more_request_waits() -> None:
    full = threading.Barrier(AT_ONCE + 1)
    go_on, late = threading.Event(), threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ:
            late.set()
        else:
            full.wait(10)
            go_on.wait(10)
        return []

    turns = Turns(app)
    threads = [threading.Thread(target=turns, args=({}, None)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    full.wait(10)
    last = threading.Thread(target=turns, args=({"late": True}, None))
    last.start()

    assert not late.wait(0.2)
    go_on.set()
    assert late.wait(10)
    for thread in [*threads, last]:
        thread.join()


def test_a_request_that_fails_gives_its_turn_back() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise ConnectionResetError

    turns = Turns(app)

    start: Any = None
    for _ in range(2 * AT_ONCE):
        with pytest.raises(ConnectionResetError):
            turns({}, start)
