# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""HAProxy as in ``docs/deploy.md``, in front of two n-api, one of which stops."""

import dataclasses
import pathlib
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests import real_servers
from tests.cluster import Cluster
from tests.throwaway_ca import ThrowAwayCA

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "deploy.md"
DEFAULTS = """\
global
    maxconn 200
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
"""
"""As in the file of Debian's package."""
NOBODY_LISTENS = "127.0.0.1:1"
SAID_BY_A_CLIENT = {
    "Forwarded": "for=203.0.113.5;host=evil.example;proto=http",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-For": "203.0.113.5",
}


@pytest.fixture(scope="module")
def cluster(
    rabbitmq: real_servers.RabbitMQ, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("haproxy")
    cluster = Cluster(folder, rabbitmq.new_vhost(), f"sqlite:///{folder}/minova.sqlite")
    cluster.extra = "[oslo_middleware]\nenable_proxy_headers_parsing = true\n"
    cluster.migrate()
    try:
        cluster.start_api()
        yield cluster
    finally:
        cluster.stop()


@dataclasses.dataclass
class Proxy:
    """The proxy's address, and the CA that signed its certificate."""

    url: str
    ca: pathlib.Path

    def ask(self, method: str, path: str, **arguments: Any) -> requests.Response:
        with requests.Session() as session:
            # The machine's environment may name another CA, which must not be used.
            session.trust_env = False
            return session.request(
                method,
                f"{self.url}/v2.1{path}",
                verify=str(self.ca),
                timeout=30,
                **arguments,
            )


@pytest.fixture(scope="module")
def proxy(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    ca = ThrowAwayCA(folder, "cloud")
    certificate, key = ca.issue(folder)
    both = folder / "cloud.pem"
    both.write_text(certificate.read_text() + key.read_text())
    port = real_servers.free_port()
    (written,) = re.findall(r"```haproxy\n(.*?)```", PAGE.read_text(), re.DOTALL)
    for ours, theirs in (
        (f"127.0.0.1:{port} ssl crt {both}", ":443 ssl crt /etc/haproxy/cloud.pem"),
        (f"127.0.0.1:{cluster.port} check", "10.0.0.11:8774 check"),
        # Without a check, HAProxy keeps it in rotation, like one that has only just
        # stopped.
        (NOBODY_LISTENS, "10.0.0.12:8774 check"),
    ):
        assert theirs in written
        written = written.replace(theirs, ours)
    config = folder / "haproxy.cfg"
    config.write_text(DEFAULTS + written)
    process = subprocess.Popen(["haproxy", "-db", "-f", config])
    try:
        real_servers.wait_until(lambda: real_servers.listens(port), 10, "HAProxy")
        yield Proxy(f"https://127.0.0.1:{port}", ca.certificate)
    finally:
        real_servers.end(process)


def test_links_are_the_proxys_in_spite_of_client_headers(proxy: Proxy) -> None:
    answer = proxy.ask("GET", "/flavors", headers=SAID_BY_A_CLIENT)

    assert answer.status_code == 200, answer.text
    links = [link for flavor in answer.json()["flavors"] for link in flavor["links"]]
    assert links
    assert all(link["href"].startswith(proxy.url) for link in links)


def test_a_client_cannot_forge_its_address(proxy: Proxy, cluster: Cluster) -> None:
    answer = proxy.ask("GET", "/servers", headers=SAID_BY_A_CLIENT)

    request_id = answer.headers["x-openstack-request-id"]
    (line,) = [
        each
        for each in cluster.api_log().splitlines()
        if request_id in each and "status: 200" in each
    ]
    assert '127.0.0.1 "GET' in line


def test_a_stopped_n_api_is_bypassed(proxy: Proxy) -> None:
    """POSTs too: a request that reached nobody may be sent to another n-api."""
    body = {"server": {"name": "x", "imageRef": "none", "flavorRef": "42"}}
    answers = [proxy.ask("POST", "/servers", json=body) for _ in range(10)]

    assert {answer.status_code for answer in answers} == {400}
