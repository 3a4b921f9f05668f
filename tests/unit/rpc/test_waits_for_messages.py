# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A listener sleeps until a message comes."""

from types import SimpleNamespace

import pytest

from minova.rpc.confirms import LEAST_WAIT, Connection


def _waited(
    monkeypatch: pytest.MonkeyPatch, consumers: dict[str, object], timeout: float | None
) -> float | None:
    """Return how long a connection waits for a frame."""
    waits: list[float | None] = []
    connection = Connection("127.0.0.1:1")
    connection.channels[1] = SimpleNamespace(callbacks=consumers)
    connection.channels[2] = None

    def read(timeout: float | None = None) -> bool:
        waits.append(timeout)
        return True

    monkeypatch.setattr(connection, "blocking_read", read)
    connection.drain_events(timeout=timeout)
    (waited,) = waits
    return waited


@pytest.mark.parametrize(
    ("asked", "waits"), [(0.001, LEAST_WAIT), (1.5, 1.5), (None, None)]
)
def test_a_listener_waits_for_a_while(
    monkeypatch: pytest.MonkeyPatch, asked: float | None, waits: float | None
) -> None:
    assert _waited(monkeypatch, {"1": print}, asked) == waits


def test_a_sender_looks_and_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its heartbeats hold the lock that a message needs."""
    assert _waited(monkeypatch, {}, 0.001) == 0.001
