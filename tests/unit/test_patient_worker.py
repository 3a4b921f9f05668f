# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api's worker: an answer is one packet, and clients wait if threads are short."""

import contextlib
import itertools
import pathlib
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.real_servers import end, free_port, wait_until

_CLIENTS_WITHOUT_THREADS = """
import logging, pathlib, resource, socket, threading, types
from minova.wsgi.patient_worker import Patience

worker = types.SimpleNamespace(
    worker_connections=200, alive=True, log=logging.getLogger()
)
patience = Patience(worker)
pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
room = pages * resource.getpagesize() + (200 << 20)
resource.setrlimit(resource.RLIMIT_AS, (room, room))
go_on = threading.Event()

class Connection:
    sock = socket.socket()

def handle(connection):
    return go_on.wait()

served = [patience.submit(handle, Connection()) for _ in range(200)]
threads = threading.active_count()
go_on.set()
print(sum(each.result(10) for each in served), threads < 200)
"""

_TOP = pathlib.Path(__file__).parents[2]
_GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
_POST = (
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
)
_DATA_SEGMENTS_IN = 152
"""Where ``struct tcp_info`` has ``tcpi_data_segs_in`` (linux/tcp.h)."""


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Read the body, and answer ``{}``."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"{}"]


@contextlib.contextmanager
def served(bind: str) -> Iterator[None]:
    """Serve ``application`` with the worker."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", bind, "--threads", "8"),
            "--no-control-socket",
            *("--worker-class", "minova.wsgi.patient_worker.PatientWorker"),
            "tests.unit.test_patient_worker:application",
        ],
        cwd=_TOP,
    )
    try:
        yield
    finally:
        end(process)


@contextlib.contextmanager
def connected(address: str | tuple[str, int]) -> Iterator[socket.socket]:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET

    def connects() -> bool:
        with socket.socket(family) as client:
            return client.connect_ex(address) == 0

    wait_until(connects, 30, "gunicorn listens")
    with socket.socket(family) as client:
        client.settimeout(10)
        client.connect(address)
        yield client


def read_answer(client: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"{}"):
        received = client.recv(65536)
        assert received, answer
        answer += received
    return answer


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    with served(f"127.0.0.1:{port}"):
        yield port


def test_an_answer_is_one_packet(port: int) -> None:
    """On a busy machine, the kernel may send a part of an answer before the rest."""
    with connected(("127.0.0.1", port)) as client:
        received = [0]
        for _ in range(5):
            client.sendall(_GET)
            assert read_answer(client).startswith(b"HTTP/1.1 200 OK")
            facts = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
            received += struct.unpack_from("I", facts, _DATA_SEGMENTS_IN)
    assert min(after - before for before, after in itertools.pairwise(received)) == 1


def test_nothing_keeps_an_answer_back(port: int) -> None:
    """The kernel keeps a part of a packet back for up to 0.2 s."""
    with connected(("127.0.0.1", port)) as client:
        took = []
        for _ in range(10):
            began = time.monotonic()
            client.sendall(_GET)
            read_answer(client)
            took.append(time.monotonic() - began)
    assert min(took) < 0.1


def test_a_client_is_told_at_once_to_send_the_body(port: int) -> None:
    took = []
    for _ in range(5):
        with connected(("127.0.0.1", port)) as client:
            began = time.monotonic()
            client.sendall(_POST)
            assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            took.append(time.monotonic() - began)
            client.sendall(b"hi")
            assert read_answer(client).startswith(b"HTTP/1.1 200 OK")
    assert min(took) < 0.1


def test_a_unix_socket_is_served(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "socket")
    with served(f"unix:{path}"), connected(path) as client:
        for _ in range(2):
            client.sendall(_GET)
            assert read_answer(client).startswith(b"HTTP/1.1 200 OK")


def test_without_threads_clients_wait() -> None:
    process = subprocess.run(
        [sys.executable, "-c", _CLIENTS_WITHOUT_THREADS],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert process.stdout == "200 True\n", process.stderr
    assert "A client has to wait: can't start new thread" in process.stderr
