# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The journal: what a tool sent, and what it was answered."""

import collections
import datetime
import io
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from minova.api.front.request import CONTEXT
from minova.testing.asking import USER_AGENT

_LONGEST: Final = 128 * 1024
"""Bytes of a body; n-api refuses longer ones."""
_KEPT: Final = 10_000
"""Requests; the oldest are forgotten."""
_NOT_TOLD: Final = ("/minova", "/healthcheck")


class Journal:
    """WSGI middleware around everything."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._changing = threading.Lock()
        self._entries: collections.deque[dict[str, Any]] = collections.deque(
            maxlen=_KEPT
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not _is_told(environ):
            return self._app(environ, start_response)
        entry = _entry(environ)

        def note_and_start(status: str, headers: Any, *exc_info: Any) -> Any:
            answered = {name.lower(): value for name, value in headers}
            caller = environ.get(CONTEXT)
            entry["project_id"] = caller and caller.project_id
            entry["status"] = int(status.split(" ", 1)[0])
            entry["request_id"] = answered.get("x-openstack-request-id")
            with self._changing:
                self._entries.append(entry)
            return start_response(status, headers, *exc_info)

        return self._app(environ, note_and_start)

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self, project_id: str | None) -> list[dict[str, Any]]:
        """Those of a project, or all."""
        with self._changing:
            return [
                entry
                for entry in self._entries
                if project_id in (None, entry["project_id"])
            ]

    def forget(self, project_id: str | None) -> None:
        """Forget those of a project, or all."""
        with self._changing:
            kept = [
                entry
                for entry in self._entries
                if project_id not in (None, entry["project_id"])
            ]
            self._entries.clear()
            self._entries.extend(kept)


def _is_told(environ: dict[str, Any]) -> bool:
    """Whether a tool asks; not minova's own commands and fixtures."""
    path: str = environ.get("PATH_INFO", "")
    return environ.get("HTTP_USER_AGENT") != USER_AGENT and not path.startswith(
        _NOT_TOLD
    )


def _entry(environ: dict[str, Any]) -> dict[str, Any]:
    version = environ.get("HTTP_OPENSTACK_API_VERSION", "").removeprefix("compute ")
    now = datetime.datetime.now(datetime.UTC)
    return {
        "at": now.isoformat(timespec="milliseconds"),
        "method": environ["REQUEST_METHOD"],
        "path": environ.get("PATH_INFO", ""),
        "query": environ.get("QUERY_STRING", ""),
        "microversion": version
        or environ.get("HTTP_X_OPENSTACK_NOVA_API_VERSION")
        or None,
        "body": _body(environ),
        "user_agent": environ.get("HTTP_USER_AGENT"),
    }


def _body(environ: dict[str, Any]) -> Any:
    """Read it, and put it back."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or not 0 < int(length) <= _LONGEST:
        return None
    sent = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(sent)
    try:
        return json.loads(sent)
    except ValueError:
        return None
