# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Who listens for messages sleeps until one comes."""

from types import SimpleNamespace

import pytest

from minova.rpc.confirms import LEAST_WAIT, Connection


def _waited(
    monkeypatch: pytest.MonkeyPatch, consumers: dict[str, object], timeout: float | None
) -> float | None:
    """How long a connection waits for a frame that it is asked for."""
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


def test_who_sends_looks_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its heartbeats hold the lock that messages wait for."""
    assert _waited(monkeypatch, {}, 0.001) == 0.001
