# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Messages within a process behave as with RabbitMQ, and arrive without delay."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import oslo_messaging
import pytest
from oslo_utils import uuidutils

from minova import conf as options
from minova import exception, rpc
from minova.context import RequestContext
from minova.rpc.in_process import Refusal, gates
from minova.rpc.transport import set_defaults

_VERSION = "1.0"
_SERVER = uuidutils.generate_uuid()


class Endpoint:
    target = rpc.target(_VERSION)

    def __init__(self) -> None:
        self.told: list[str] = []
        self.heard = threading.Event()

    @rpc.exposed
    def tell(self, context: RequestContext, instance_uuid: str) -> None:
        self.told.append(instance_uuid)
        self.heard.set()

    @rpc.exposed
    def ask(self, context: RequestContext, instance_uuid: str) -> dict[str, Any]:
        return {"asked": instance_uuid, "by": context.user_id}

    @rpc.exposed
    def fail(self, context: RequestContext, instance_uuid: str) -> None:
        raise ValueError(instance_uuid)


class Site:
    """A transport with a sender and, once it listens, a host."""

    def __init__(self, path: str = "") -> None:
        conf = options.create("")
        conf([], default_config_files=[], default_config_dirs=[])
        set_defaults(conf)
        conf.set_override("transport_url", f"in-process://{path}")
        self.transport = rpc.create_transport(conf)
        self.client = rpc.Client(self.transport, _VERSION)
        self.endpoint = Endpoint()

    @contextmanager
    def listening(self) -> Iterator[None]:
        server = rpc.create_server(self.transport, "host-1", self.endpoint)
        server.start()
        yield
        server.stop()
        server.wait()

    def cast(self, host: str = "host-1") -> None:
        with self.client.reserve() as reservation:
            self.client.cast(
                _context(), host, "tell", reservation, instance_uuid=_SERVER
            )

    def call(self, method: str) -> Any:
        return self.client.call(
            _context(), "host-1", method, timeout=5, instance_uuid=_SERVER
        )

    def close(self) -> None:
        self.client.close()
        self.transport.cleanup()


def _context() -> RequestContext:
    return RequestContext(user_id="demo", project_id="demo")


@pytest.fixture
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.close()


def test_a_host_that_never_started_is_refused(site: Site) -> None:
    with site.listening(), pytest.raises(exception.ComputeHostUnreachable):
        site.cast("host-2")

    # The host is at fault, so the circuit breaker for a missing broker stays closed.
    assert not site.client.is_refusing


def test_answers_and_errors_come_back(site: Site) -> None:
    with site.listening():
        assert site.call("ask") == {"asked": _SERVER, "by": "demo"}
        with pytest.raises(exception.ComputeHostUnreachable) as refused:
            site.call("fail")

    cause = refused.value.__cause__
    assert isinstance(cause, oslo_messaging.RemoteError)
    assert (cause.exc_type, cause.value) == ("ValueError", _SERVER)


def test_nobody_answers(site: Site) -> None:
    with site.listening():
        pass
    began = time.monotonic()

    with pytest.raises(exception.ComputeHostUnreachable) as refused:
        site.client.call(_context(), "host-1", "ask", timeout=1, instance_uuid=_SERVER)

    assert isinstance(refused.value.__cause__, oslo_messaging.MessagingTimeout)
    assert time.monotonic() - began < 1.4


def test_nothing_polls(site: Site) -> None:
    with site.listening():
        began = time.monotonic()
        for _ in range(40):
            site.call("ask")

    # With a check every 50 ms it would take 2 s.
    assert time.monotonic() - began < 1


def test_a_message_waits_for_the_next_listener(site: Site) -> None:
    with site.listening():
        pass
    site.cast()
    assert not site.endpoint.told

    with site.listening():
        assert site.endpoint.heard.wait(5)

    assert site.endpoint.told == [_SERVER]


def test_two_transports_are_separate(site: Site) -> None:
    other = Site()
    with site.listening():
        with pytest.raises(exception.ComputeHostUnreachable):
            other.cast()
        with other.listening():
            other.cast()
            assert other.endpoint.heard.wait(5)
        other.close()

        site.cast()
        assert site.endpoint.heard.wait(5)

    assert len(site.endpoint.told) == 1


def test_a_message_that_no_broker_could_carry_is_refused(site: Site) -> None:
    with site.listening(), pytest.raises(exception.ComputeHostUnreachable) as refused:
        site.client.call(_context(), "host-1", "ask", timeout=5, instance_uuid=object())

    assert isinstance(refused.value.__cause__, TypeError)


@pytest.mark.parametrize("refusal", Refusal)
def test_a_gate(refusal: Refusal) -> None:
    """A refused message is the host's fault. A missing broker affects all hosts."""
    asked: list[tuple[str, str, str]] = []

    def refuse(target: Any, context: Any, message: Any) -> Refusal:
        asked.append((target.server, context["project_id"], message["method"]))
        return refusal

    gates["closed"] = refuse
    closed, other = Site("/closed"), Site("/open")
    del gates["closed"]
    with closed.listening(), other.listening():
        with pytest.raises(exception.ComputeHostUnreachable):
            closed.cast()
        other.cast()

    assert asked[0] == ("host-1", "demo", "tell")
    assert closed.client.is_refusing == (refusal is Refusal.AWAY)
    assert not closed.endpoint.told
    closed.close()
    other.close()
