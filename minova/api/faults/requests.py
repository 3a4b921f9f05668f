# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The ``Meeting`` of a request: who asks for what."""

import io
import json
from typing import Any, Final

from minova.api.faults.fault import Meeting
from minova.api.front.request import CONTEXT
from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import CREATE, DELETE, Action

LONGEST: Final = 128 * 1024
"""Bytes of a body; n-api refuses a longer one."""
OWN_AGENT: Final = "minova-testing"
"""User agent of minova's own commands and fixtures (``minova.testing.asking``)."""
_NO_TOOLS: Final = ("/minova", "/healthcheck")
_ROOT: Final = "/v2.1"


def is_of_a_tool(environ: dict[str, Any]) -> bool:
    """Whether a tool sent the request, not one of minova's commands or fixtures."""
    path: str = environ.get("PATH_INFO", "")
    return environ.get("HTTP_USER_AGENT") != OWN_AGENT and not path.startswith(
        _NO_TOOLS
    )


def body(environ: dict[str, Any]) -> Any:
    """Return the JSON of the body, or None; the body can be read again later."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or not 0 < int(length) <= LONGEST:
        return None
    sent = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(sent)
    try:
        return json.loads(sent)
    except (ValueError, RecursionError):
        return None


def meeting(environ: dict[str, Any]) -> Meeting:
    """Make the meeting of a request whose caller is known."""
    caller = environ.get(CONTEXT)
    project_id = caller and caller.project_id
    path = _path(environ.get("PATH_INFO", ""), project_id)
    method = environ["REQUEST_METHOD"]
    words = path.strip("/").split("/")
    server_id = None
    if words[0] == "servers" and len(words) > 1 and words[1] != "detail":
        server_id = words[1]
    action, name = _action(environ, method, words)
    return Meeting(
        request_id=environ.get("openstack.request_id"),
        project_id=project_id,
        server_id=server_id,
        server_name=name,
        action=action,
        method=method,
        path=path,
    )


def root(environ: dict[str, Any]) -> str:
    """The URL by which the client reached n-api, without a path."""
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")
    return f"{environ['wsgi.url_scheme']}://{host}"


def _path(path: str, project_id: str | None) -> str:
    """Drop the version and the project after it."""
    if not path.startswith(f"{_ROOT}/"):
        return path
    inside = path.removeprefix(_ROOT)
    if project_id and inside.startswith(f"/{project_id}/"):
        inside = inside.removeprefix(f"/{project_id}")
    return inside


def _action(
    environ: dict[str, Any], method: str, words: list[str]
) -> tuple[str | None, str | None]:
    """Return the names of the requested action and of the server to create."""
    match method, *words:
        case "POST", "servers":
            sent = body(environ)
            server = sent.get("server") if isinstance(sent, dict) else None
            name = server.get("name") if isinstance(server, dict) else None
            return CREATE.name, name if isinstance(name, str) else None
        case "DELETE", "servers", _:
            return DELETE.name, None
        case "POST", "servers", _, "action":
            sent = body(environ)
            for key in sent if isinstance(sent, dict) else ():
                row = instance_actions.find(key, sent[key])
                return (row.name if isinstance(row, Action) else None), None
    return None, None
