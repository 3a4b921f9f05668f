# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults of a cluster's n-api, which an admin orders under ``[testing] enabled``."""

import json
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from falcon import testing
from oslo_config import cfg

from minova import conf as options
from minova import connections
from minova.wsgi import faulty_api, n_api


class Worker:
    """One of the processes of n-api."""

    def __init__(self, app: n_api.Application) -> None:
        self.app = app

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = "admin"
    ) -> testing.Result:
        path, _, query = path.partition("?")
        environ = testing.create_environ(
            path,
            query_string=query,
            method=method,
            host="127.0.0.1",
            body="" if body is None else json.dumps(body),
            headers={"X-Auth-Token": token, "Content-Type": "application/json"},
        )
        started = testing.StartResponseMock()
        said = self.app(environ, started)
        return testing.Result(said, str(started.status), started.headers or [])

    def order(self, **fault: Any) -> testing.Result:
        return self.ask("POST", "/minova/v1/faults", {"fault": fault})


@pytest.fixture
def folder(tmp_path: pathlib.Path, migrated: pathlib.Path) -> pathlib.Path:
    """A folder with a database."""
    (tmp_path / "minova.sqlite").write_bytes(migrated.read_bytes())
    return tmp_path


@contextmanager
def _workers(
    folder: pathlib.Path, enabled: str, state_path: pathlib.Path | None = None
) -> Iterator[tuple[Worker, Worker]]:
    file = folder / "minova.conf"
    file.write_text(
        "[DEFAULT]\ntransport_url = in-process://\n"
        f"state_path = {state_path or folder}\n"
        f"[database]\nconnection = sqlite:///{folder}/minova.sqlite\n"
        f"[testing]\nenabled = {enabled}\n"
    )
    conf = options.create("")
    conf(["--config-file", str(file)])
    connected = connections.create(conf)
    apps = [n_api.application_of(conf, connected) for _ in range(2)]
    yield Worker(apps[0]), Worker(apps[1])
    for app in apps:
        app.close()
    connected.close()


def test_without_the_option_there_are_no_faults(folder: pathlib.Path) -> None:
    with _workers(folder, "false") as (one, _two):
        assert not isinstance(one.app, faulty_api.FaultyApplication)
        assert one.ask("GET", "/minova/v1/faults").status_code == 404
        schemas = one.ask("GET", "/minova/v1/schemas").json["schemas"]
        assert "faults" not in [schema["name"] for schema in schemas]


def test_all_workers_of_a_machine_know_a_fault(folder: pathlib.Path) -> None:
    with _workers(folder, "true") as (one, two):
        made = one.order(kind="answer", status=503, times=2)
        assert made.status_code == 201, made.text

        codes = [
            worker.ask("GET", "/v2.1/servers", token="eve:eve").status_code
            for worker in (two, one, two, one)
        ]

        assert codes == [503, 503, 200, 200]
        fault = made.json["fault"]["id"]
        shown = two.ask("GET", f"/minova/v1/faults/{fault}").json["fault"]
        assert (shown["struck"], len(shown["strikes"])) == (2, 2)
        assert two.ask("DELETE", f"/minova/v1/faults/{fault}").status_code == 204
        assert one.ask("GET", "/minova/v1/faults").json == {"faults": []}


def test_faults_survive_a_restart(folder: pathlib.Path) -> None:
    with _workers(folder, "true") as (one, _two):
        one.order(kind="token-expires", times="always", project_id="eve")
    with _workers(folder, "true") as (one, _two):
        answer = one.ask("GET", "/v2.1/servers", token="eve:eve")
        assert answer.status_code == 401
        assert one.ask("GET", "/v2.1/servers", token="fay:fay").status_code == 200


@pytest.mark.parametrize("text", ["[", '[{"kind": "answer", "colour": 1}]', "{}x"])
def test_a_file_without_a_list_of_faults(folder: pathlib.Path, text: str) -> None:
    (folder / "faults.json").write_text(text)
    with _workers(folder, "true") as (one, _two):
        assert one.ask("GET", "/v2.1/servers").status_code == 200
        assert one.order(kind="answer-cut").status_code == 201


def test_a_missing_folder(folder: pathlib.Path) -> None:
    with (
        pytest.raises(cfg.Error, match="nowhere cannot be written"),
        _workers(folder, "true", state_path=folder / "nowhere"),
    ):
        pass


def test_only_admins_may_order(folder: pathlib.Path) -> None:
    with _workers(folder, "true") as (one, _two):
        body = {"fault": {"kind": "answer-cut"}}
        for method, path, sent in (
            ("POST", "/minova/v1/faults", body),
            ("GET", "/minova/v1/faults", None),
            ("DELETE", "/minova/v1/faults", None),
            ("GET", "/minova/v1/faults/x", None),
            ("DELETE", "/minova/v1/faults/x", None),
        ):
            answer = one.ask(method, path, sent, token="eve:eve")
            assert answer.status_code == 403
        assert one.ask("GET", "/minova/v1/faults").json == {"faults": []}


@pytest.mark.parametrize("kind", ["host-down", "action-fails", "broker-away"])
def test_only_answers_can_be_ordered(folder: pathlib.Path, kind: str) -> None:
    with _workers(folder, "true") as (one, _two):
        refused = one.order(kind=kind)

    assert refused.status_code == 400
    said = refused.json["badRequest"]["message"]
    assert "is not one of ['answer', 'answer-late', 'answer-cut'" in said
