# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON that is too deep or cannot be stored is a 400 wherever it is sent."""

import json
import pathlib
import re
from collections.abc import Iterator

import pytest
from falcon import testing

from minova import exception
from minova.api.front.loggers import log_action
from minova.api.front.request import CONTEXT, parse_json
from minova.api.servers.schema import SERVER_CREATE
from minova.db.api import Database
from minova.images import ImageDirectory
from minova.vocabulary.instance_actions import ALL, IN_PLACE
from minova.vocabulary.vm_states import VMState
from tests.fuzz.endpoints import Endpoint, every_endpoint
from tests.unit.api.conftest import caller, client_of
from tests.unit.conftest import NewServer

_DEPTHS = (101, 300, 500, 700, 900, 1000, 3000)
HOSTILE = (
    *("[" * depth + "]" * depth for depth in _DEPTHS),
    *('{"a":' * depth + "1" + "}" * depth for depth in _DEPTHS),
    *('[{"a":' * depth + "1" + "}]" * depth for depth in _DEPTHS),
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "-" + "9" * 5000),
    *(r'"\ud800"', r'"\udc00\ud800"', r'{"\udfff": 1}'),
)
_ACTIONS = sorted({entry.key for entry in (*ALL, *IN_PLACE) if entry.key})
WRITES = [
    endpoint
    for endpoint in every_endpoint()
    if endpoint.method in {"POST", "PUT"} and endpoint.path.startswith("/v2.1/")
    if endpoint.path != "/v2.1/"  # versions: it reads no body
]


def _places(endpoint: Endpoint) -> Iterator[str]:
    """Return bodies with a ``%s`` in the place of the value."""
    names = {name for body in endpoint.bodies for name in body.get("properties", {})}
    if endpoint.path.endswith("/servers/{server_id}/action"):
        names |= set(_ACTIONS)
    yield "%s"
    for name in ("fuzz", *sorted(names)):
        yield f'{{"{name}": %s}}'
        yield f'{{"{name}": {{"name": %s}}}}'


@pytest.mark.parametrize("endpoint", WRITES, ids=str)
def test_it_is_refused_in_every_place(
    endpoint: Endpoint, db: Database, new_server: NewServer
) -> None:
    client = client_of(db, ImageDirectory(pathlib.Path("none")))
    server = new_server(VMState.ACTIVE)
    path = endpoint.path.replace("{server_id}", server.uuid)
    # Some are gone since 2.39 or 2.43, and some do not exist at 2.1 yet.
    gone = path.startswith(("/v2.1/images/", "/v2.1/os-hosts/"))
    versions = "2.1" if gone else "2.53", "latest"
    malformed = 0
    for version in versions:
        for place in _places(endpoint):
            for value in HOSTILE:
                environ = testing.create_environ(
                    re.sub(r"\{\w+\}", "42", path),
                    method=endpoint.method,
                    headers={"OpenStack-API-Version": f"compute {version}"},
                    body=place % value,
                )
                environ[CONTEXT] = caller(admin=True)
                answer = testing.StartResponseMock()
                text = b"".join(client.app(environ, answer))
                status = str(answer.status)[:3]
                assert status in ("400", "404"), (version, place, value[:20], text)
                malformed += b"Malformed request body" in text
    assert malformed >= len(HOSTILE) * len(list(_places(endpoint)))
    assert db.instance_get(server.uuid) == server


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_less_nested_json_is_accepted(opening: str) -> None:
    """By all that reads bodies: the log, and the answer that shows the value."""
    closing = {"[": "]", '{"a":': "}", '[{"a":': "}]"}[opening]
    depth = 100 // len(closing)
    body = parse_json((opening * depth + "1" + closing * depth).encode())

    log_action("action", print, body)
    with pytest.raises(exception.Invalid):
        SERVER_CREATE.of((2, 1)).check({"server": body})


@pytest.mark.parametrize("number", ["1e308", "-0.5", "1E-400", "9" * 400])
def test_other_numbers_are_accepted(number: str) -> None:
    assert parse_json(number.encode()) == json.loads(number)
