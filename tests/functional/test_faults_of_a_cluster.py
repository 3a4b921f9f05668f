# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``[testing] enabled``: all workers of a real n-api give wrong answers."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.cluster import Cluster


@pytest.fixture
def n_api(own_cluster: Cluster) -> Iterator[Cluster]:
    own_cluster.extra = "[testing]\nenabled = true\n"
    own_cluster.start_api()
    yield own_cluster
    own_cluster.stop_api()


def _ask(n_api: Cluster, method: str, path: str, **said: Any) -> requests.Response:
    """Use a new connection, so that any worker may answer."""
    headers = {"X-Auth-Token": said.pop("token", "admin:admin")}
    return requests.request(
        method, f"{n_api.url}{path}", headers=headers, timeout=30, **said
    )


def _order(n_api: Cluster, **fault: Any) -> str:
    made = _ask(n_api, "POST", "/minova/v1/faults", json={"fault": fault})
    assert made.status_code == 201, made.text
    found: str = made.json()["fault"]["id"]
    return found


def test_ordered_faults_of_answers(n_api: Cluster) -> None:
    fault = _order(n_api, kind="answer", status=503, times=6, project_id="demo")
    servers = "/v2.1/servers"

    drawn = [_ask(n_api, "GET", servers, token="demo:demo") for _ in range(10)]

    codes = [answer.status_code for answer in drawn]
    assert codes == [503] * 6 + [200] * 4
    shown = _ask(n_api, "GET", f"/minova/v1/faults/{fault}").json()["fault"]
    assert (shown["struck"], len(shown["strikes"])) == (6, 6)

    _order(n_api, kind="answer-cut")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="Incomplete"):
        _ask(n_api, "GET", servers)
    _order(n_api, kind="answer-late", seconds=0.5)
    began = time.monotonic()
    assert _ask(n_api, "GET", servers).status_code == 200
    assert 0.5 <= time.monotonic() - began < 10
    _order(n_api, kind="token-expires")
    refused = _ask(n_api, "GET", servers)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == f'Keystone uri="{n_api.url}"'
    log = n_api.api_log()
    assert f"Fault {fault} was ordered" in log
    assert "Traceback" not in log
    said = (n_api.folder / "n-api.out").read_text()
    assert "Traceback" not in said, said
