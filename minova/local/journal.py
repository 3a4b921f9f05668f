# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The journal: the requests of a tool, with the status of each answer."""

import collections
import datetime
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from minova.api.faults import requests
from minova.api.front.request import CONTEXT

_KEPT: Final = 10_000
"""Requests; the oldest are forgotten."""
_KEPT_BYTES: Final = 8 * 1024 * 1024
"""Bytes of all their bodies together."""


class Journal:
    """WSGI middleware in front of all others, which records the requests of tools."""

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        touched: Callable[[str | None], list[str]],
    ) -> None:
        """Begin empty.

        Args:
            touched: returns the ids of the faults that affected a request, by its id.
        """
        self._app = app
        self._touched = touched
        self._changing = threading.Lock()
        self._entries: collections.deque[_Entry] = collections.deque()
        self._bytes = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not requests.is_of_a_tool(environ):
            return self._app(environ, start_response)
        entry = _entry(environ)
        size = 0 if entry["body"] is None else int(environ["CONTENT_LENGTH"])

        def note_and_start(status: str, headers: Any, *exc_info: Any) -> Any:
            caller = environ.get(CONTEXT)
            entry["project_id"] = caller and caller.project_id
            entry["status"] = int(status.split(" ", 1)[0])
            entry["request_id"] = environ.get("openstack.request_id")
            with self._changing:
                self._keep(_Entry(entry, size))
            return start_response(status, headers, *exc_info)

        return self._app(environ, note_and_start)

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self, project_id: str | None) -> list[dict[str, Any]]:
        """Return the requests for one project, or for all (None), oldest first."""
        with self._changing:
            found = [entry.told for entry in self._entries if entry.is_of(project_id)]
        # A fault may affect a request long after its answer, when the host acts.
        return [each | {"faults": self._touched(each["request_id"])} for each in found]

    def forget(self, project_id: str | None) -> None:
        with self._changing:
            kept = [entry for entry in self._entries if not entry.is_of(project_id)]
            self._entries = collections.deque()
            self._bytes = 0
            for entry in kept:
                self._keep(entry)

    def _keep(self, entry: "_Entry") -> None:
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > _KEPT or self._bytes > _KEPT_BYTES:
            self._bytes -= self._entries.popleft().size


class _Entry(NamedTuple):
    """A request: what the journal shows, and the size of its body in bytes."""

    told: dict[str, Any]
    size: int

    def is_of(self, project_id: str | None) -> bool:
        """Whether the request was for this project; None means any project."""
        return project_id in (None, self.told["project_id"])


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
