# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Links are those of the proxy if n-api is told to trust it."""

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests import real_servers
from tests.cluster import Cluster

PROXIED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "cloud.example",
    "X-Forwarded-Prefix": "/compute",
    "X-Forwarded-For": "203.0.113.5",
}


@pytest.fixture(scope="module", params=[True, False], ids=["believes", "does not"])
def n_api(
    request: pytest.FixtureRequest,
    rabbitmq: real_servers.RabbitMQ,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Cluster, bool]]:
    folder: pathlib.Path = tmp_path_factory.mktemp("proxy")
    cluster = Cluster(folder, rabbitmq.new_vhost(), f"sqlite:///{folder}/minova.sqlite")
    cluster.extra = (
        "[compute]\ndriver = fake\n[api]\nallowed_hosts = cloud.example\n"
        f"[oslo_middleware]\nenable_proxy_headers_parsing = {request.param}\n"
    )
    cluster.migrate()
    try:
        cluster.start_host()
        cluster.start_api()
        for name in ("one", "two"):
            cluster.create_server(name)
        yield cluster, request.param
    finally:
        cluster.stop()


def hrefs(found: Any) -> list[str]:
    """Return every link of a document, at any depth."""
    if isinstance(found, list):
        return [href for each in found for href in hrefs(each)]
    if isinstance(found, dict):
        mine = [found["href"]] if "href" in found else []
        return mine + [href for each in found.values() for href in hrefs(each)]
    return []


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/v2.1/", "/v2.1/servers?limit=1", "/v2.1/servers/detail?limit=1"),
        *("/v2.1/flavors", "/v2.1/images/detail", "/image/v2/images", "/image/"),
    ],
)
def test_links(n_api: tuple[Cluster, bool], path: str) -> None:
    cluster, believes = n_api
    answer = requests.get(
        f"{cluster.url}{path}",
        headers=PROXIED | {"X-Auth-Token": "demo:demo"},
        timeout=30,
    )

    assert answer.status_code in (200, 300), answer.text
    # Leave out links to OpenStack's documentation and relative paths.
    own = [
        href
        for href in hrefs(answer.json())
        if "docs.openstack.org" not in href and "://" in href
    ]
    base = "https://cloud.example/compute/" if believes else f"{cluster.url}/"
    wrong = [href for href in own if not href.startswith(base)]
    assert not wrong
    assert own or path.startswith("/image/v2")


def test_the_client_address_is_logged(
    n_api: tuple[Cluster, bool],
) -> None:
    cluster, believes = n_api
    body = {"server": {"name": "x", "imageRef": "none", "flavorRef": "42"}}
    created = requests.post(
        f"{cluster.url}/v2.1/servers",
        json=body,
        headers=PROXIED | {"X-Auth-Token": "demo:demo"},
        timeout=30,
    )

    assert created.status_code == 400
    request_id = created.headers["x-openstack-request-id"]
    (line,) = [
        each
        for each in cluster.api_log().splitlines()
        if request_id in each and "status: 400" in each
    ]
    assert ("203.0.113.5" in line) is believes
