# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Slow clients, and clients that do not read, do not make others wait."""

import contextlib
import resource
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.cluster import Cluster
from tests.real_servers import RabbitMQ, wait_until

MANY = 120
"""More than n-api's only process has threads (80)."""

_HEAD = b"POST /v2.1/servers HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: a:b\r\n"
BEGINNINGS = {
    "nothing": b"",
    "head": b"GET /v2.1/servers HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "body": _HEAD + b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
    "chunks": _HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n3",
    "expect": _HEAD + b"Content-Length: 900\r\nExpect: 100-continue\r\n\r\n",
    "too long": _HEAD + b"Content-Length: 99999999\r\n\r\n",
}


@pytest.fixture(scope="module")
def cluster(
    rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """An n-api with one process. With two, one blocked process would go unnoticed."""
    folder = tmp_path_factory.mktemp("slow")
    url = f"sqlite:///{folder}/minova.sqlite"
    cluster = Cluster(folder, rabbitmq.new_vhost(), url)
    cluster.migrate()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINOVA_API_WORKERS", "1")
        cluster.start_api()
    yield cluster
    cluster.stop()


@contextlib.contextmanager
def slow_clients(cluster: Cluster, beginning: bytes) -> Iterator[list[socket.socket]]:
    """Clients that start a request and send one byte each half second."""
    stop = threading.Event()
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", cluster.port)))
            for _ in range(MANY)
        ]
        for client in clients:
            client.sendall(beginning)

        def drip() -> None:
            while not stop.wait(0.5):
                for client in clients:
                    with contextlib.suppress(OSError):
                        client.send(b"a" if beginning else b"")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield clients
        finally:
            stop.set()
            thread.join()


def slowest_get(cluster: Cluster, count: int = 8) -> float:
    slowest = 0.0
    for _ in range(count):
        began = time.monotonic()
        assert cluster.ask("GET", "/flavors").status_code == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS.keys())
def test_slow_clients_do_not_delay_others(cluster: Cluster, beginning: bytes) -> None:
    slowest_get(cluster)

    with slow_clients(cluster, beginning):
        time.sleep(0.5)
        slowest = slowest_get(cluster)

    assert slowest < 1


def test_a_client_that_does_not_read_delays_nobody(cluster: Cluster) -> None:
    """Each connection asks for many answers at once and reads none."""
    request = (
        b"GET /v2.1/os-services HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: admin\r\n"
        b"\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            client = socket.socket()
            stack.enter_context(client)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(("127.0.0.1", cluster.port))
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.send(request * 20)
        time.sleep(1)
        slowest = slowest_get(cluster)

    assert slowest < 3


def test_a_client_that_does_not_close_delays_nobody(cluster: Cluster) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            client = socket.create_connection(("127.0.0.1", cluster.port))
            stack.enter_context(client)
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        slowest = slowest_get(cluster)

    assert slowest < 1


def test_too_many_clients_do_not_end_the_worker(cluster: Cluster) -> None:
    """New clients wait. The worker keeps running and logs one line."""
    slowest_get(cluster)
    (worker,) = cluster.api_workers()
    pid = int(worker.name)
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    # A new file gets the lowest free number, which must be below the limit.
    taken = {int(each.name) for each in (worker / "fd").iterdir()}
    files = [number for number in range(4096) if number not in taken][20]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (files, before[1]))
    try:
        with slow_clients(cluster, b"G"):
            time.sleep(1)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

    assert slowest_get(cluster) < 1
    assert cluster.api_workers() == [worker]
    out = (cluster.folder / "n-api.out").read_text()
    assert out.count("Cannot accept more clients for now: [Errno 24]") == 1


def test_slow_clients_time_out(cluster: Cluster) -> None:
    """n-api closes the connection if a request is not complete after 15 s."""
    with socket.create_connection(("127.0.0.1", cluster.port)) as client:
        client.sendall(BEGINNINGS["body"])
        client.settimeout(25)
        began = time.monotonic()
        assert client.recv(100) == b""
        assert 14 < time.monotonic() - began < 20


def test_an_endless_head_is_refused(cluster: Cluster) -> None:
    with socket.create_connection(("127.0.0.1", cluster.port)) as client:
        with contextlib.suppress(OSError):
            client.sendall(BEGINNINGS["head"] + b"a" * 200_000)
        assert client.recv(100).startswith(b"HTTP/1.1 431 ")


def test_a_slow_complete_request_is_answered(cluster: Cluster) -> None:
    """A request byte by byte, two requests on one connection, and Expect."""
    request = (
        b"\r\nGET /v2.1/flavors/42 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"
    )
    with socket.create_connection(("127.0.0.1", cluster.port)) as client:
        client.settimeout(10)
        for byte in request:
            client.sendall(bytes([byte]))
            time.sleep(0.001)
        client.sendall(request + request[:9])
        received = b""

        def both_answered() -> bool:
            nonlocal received
            received += client.recv(65536)
            return received.count(b"HTTP/1.1 200 OK") == 2

        wait_until(both_answered, 10, "both are answered")
        assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_a_client_that_asks_again_is_answered_whenever_it_does(
    cluster: Cluster,
) -> None:
    """On one connection: at once, several at a time, and after a long pause."""
    request = b"GET /v2.1/flavors/42 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", cluster.port)) as client:
        client.settimeout(10)

        def ask(times: int) -> float:
            began, received = time.monotonic(), b""
            client.sendall(request * times)
            while received.count(b"HTTP/1.1 200 OK") < times:
                received += client.recv(65536) or pytest.fail("n-api closed it")
            return time.monotonic() - began

        assert ask(1) + ask(1) + ask(1) < 3
        assert ask(30) < 3
        # More than a request may take to come (15 s), less than it is kept (75 s).
        time.sleep(17)
        assert ask(2) < 3


def test_stopping_does_not_wait_for_slow_clients(cluster: Cluster) -> None:
    with slow_clients(cluster, BEGINNINGS["body"]):
        time.sleep(0.5)
        began = time.monotonic()
        cluster.stop_api()
        taken = time.monotonic() - began

    assert taken < 10
