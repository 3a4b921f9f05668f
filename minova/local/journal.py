# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The journal: what a tool sent, and what it was answered."""

import collections
import datetime
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from minova.api.faults import requests
from minova.api.front.request import CONTEXT

_KEPT: Final = 10_000
"""Requests; the oldest are forgotten."""


class Journal:
    """WSGI middleware around everything."""

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        touched: Callable[[str | None], list[str]],
    ) -> None:
        """Begin with nothing.

        Args:
            touched: which faults touched the request of an id.
        """
        self._app = app
        self._touched = touched
        self._changing = threading.Lock()
        self._entries: collections.deque[dict[str, Any]] = collections.deque(
            maxlen=_KEPT
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not requests.is_of_a_tool(environ):
            return self._app(environ, start_response)
        entry = _entry(environ)

        def note_and_start(status: str, headers: Any, *exc_info: Any) -> Any:
            caller = environ.get(CONTEXT)
            entry["project_id"] = caller and caller.project_id
            entry["status"] = int(status.split(" ", 1)[0])
            entry["request_id"] = environ.get("openstack.request_id")
            with self._changing:
                self._entries.append(entry)
            return start_response(status, headers, *exc_info)

        return self._app(environ, note_and_start)

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self, project_id: str | None) -> list[dict[str, Any]]:
        """Those of a project, or all."""
        with self._changing:
            found = [
                entry
                for entry in self._entries
                if project_id in (None, entry["project_id"])
            ]
        # What they did may be known long after the answer: a host acts later.
        return [each | {"faults": self._touched(each["request_id"])} for each in found]

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
        "body": requests.body(environ),
        "user_agent": environ.get("HTTP_USER_AGENT"),
    }
