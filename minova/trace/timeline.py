# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The lines of one request from all services and hosts, in the order of time."""

import collections
import dataclasses
import datetime
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from minova.trace.formats import Line, parse
from minova.trace.logs import Log, Window, heads, records

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(rb"req-[0-9a-f-]{36}")
_EVENT = ("Emitting event <LifecycleEvent", "(Lifecycle Event)")
# The end of a guest is reported after 15 s, because it may be a reboot.
_EVENTS_COME_WITHIN = datetime.timedelta(seconds=17)
# Actions that only read. They do not count as the last request.
_LOOKS = rb"os-get\w*Console\w*"

_LOOKING = re.compile("Get console output|Retrieving diagnostics")

ACCESS = re.compile(
    r'"(?P<method>[A-Z]+) (?P<path>[^" ]+)(?: HTTP/[\d.]+)?" status: (?P<status>\d+)'
    r".* time: (?P<seconds>[\d.]+)"
)
_ACTION = re.compile(r"Action: '(?P<name>\w+)', .* body: (?P<body>.*)", re.DOTALL)
_CAST = re.compile(r"^CAST \w+ .* routing key 'compute\.(?P<host>[^']+)'")


class NotFound(Exception):
    """The logs have no such request. The text says what was wanted."""


@dataclasses.dataclass(frozen=True)
class Timeline:
    """The lines of one request.

    Attributes:
        server: the server's UUID, or empty if the lines name no server or several.
        body: the request's body, as n-api logs it at DEBUG.
        start: when the POST came.
        unread: an error for each log that could not be read.
    """

    request_id: str
    lines: tuple[Line, ...]
    server: str
    body: str
    start: datetime.datetime
    unread: tuple[str, ...] = ()

    def since_start(self, line: Line) -> float:
        return (line.time - self.start).total_seconds()

    def with_lines(self, more: Iterable[Line]) -> "Timeline":
        lines = sorted([*self.lines, *more], key=lambda line: line.order)
        return dataclasses.replace(self, lines=tuple(lines))

    def is_beside(self, line: Line) -> bool:
        """Return whether a service wrote it under no or another request id."""
        return self.request_id not in line.ids

    @property
    def access(self) -> re.Match[str] | None:
        """n-api's access line: method, path, status, seconds."""
        found = (ACCESS.search(line.message) for line in self.lines)
        return next((match for match in found if match), None)


class Reader:
    """Searches logs, and remembers which could not be read."""

    def __init__(self, logs: Iterable[Log]) -> None:
        self._logs = list(logs)
        self._unread: dict[str, None] = {}

    def trace(self, request_id: str) -> Timeline:
        """Return the request's lines, with those about the guest's events meanwhile.

        Args:
            request_id: may be shortened, as long as it stays unique.

        Raises:
            NotFound: no log has the request, or several begin with this id.
        """
        found = self._lines(request_id)
        lines = [line for line in found if not _asks_about(line, request_id)]
        ids = {one for line in lines for one in line.ids if one.startswith(request_id)}
        if not lines:
            raise NotFound(f"No log has a line about {request_id}.{self._but()}")
        if len(ids) > 1:
            raise NotFound(f"{len(ids)} requests begin with {request_id}.")
        request_id = ids.pop() if ids else request_id
        lines.sort(key=lambda line: line.order)
        servers = collections.Counter(line.instance for line in lines if line.instance)
        server = next(iter(servers)) if len(servers) == 1 else ""
        if server and any(line.service != "n-api" for line in lines):
            lines += self._beside(lines, request_id, server)
            lines.sort(key=lambda line: line.order)
        actions = (_ACTION.search(line.message) for line in lines)
        body = next((match["body"] for match in actions if match), "")
        lines = _with_hosts(lines)
        start = _start(lines)
        return Timeline(
            request_id, tuple(lines), server, body, start, tuple(self._unread)
        )

    def last_request(self, server: str = "") -> str:
        """Return the id of the last create, delete or action, maybe of one server.

        Args:
            server: its UUID, or the name that it was created with.

        Raises:
            NotFound: no log has such a request.
        """
        if server and not re.fullmatch(UUID, server):
            server = self._uuid(server)
        found = self._last_accepted(server) or self._last_performed(server)
        if found is None:
            whose = f" about server {server}" if server else ""
            raise NotFound(f"No log has a request{whose}.{self._but()}")
        return found

    def _last_accepted(self, server: str) -> str | None:
        uuid = server or UUID
        create = "" if server else '|POST [^" ]*/servers'
        access = (
            rf'"(?:(?:POST [^" ]*/servers/{uuid}/action|DELETE [^" ]*/servers/{uuid}'
            rf'{create})(?: HTTP/[\d.]+)?)"'
        )
        looks = rb'body: \{"(?:' + _LOOKS + rb')"'
        wanted = re.compile(access.encode() + rb"|" + looks)
        newest: list[Line] = []
        for log in self._of("n-api"):
            looking: set[bytes] = set()
            last = b""
            with self._reading(log):
                # 100 MB have 30,000 such lines. Only the last one is decoded.
                for head in heads(log, wanted):
                    ids = _ID.findall(head)
                    if b", body: {" in head:
                        looking.update(ids)
                    elif ids and ids[-1] not in looking:
                        last = head
            newest += filter(None, [parse(last, log.source)])
        return _id_of_last(newest)

    def _last_performed(self, server: str) -> str | None:
        """Search the hosts' logs: for a create, or without n-api's log."""
        wanted = re.compile(rb"\[instance: [^\]]*" + server.encode())
        newest: list[Line] = []
        for log in self._of("n-cpu"):
            last: collections.deque[bytes] = collections.deque(maxlen=1000)
            with self._reading(log):
                last.extend(heads(log, wanted))
            lines = (parse(head, log.source) for head in reversed(last))
            of_users = (line for line in lines if line and line.user and line.ids)
            newest += filter(None, [next(of_users, None)])
        return _id_of_last(newest)

    def _uuid(self, name: str) -> str:
        """Return the UUID of the last server created with a name."""
        said = rf'Action: .create.,.*"name": {re.escape(json.dumps(name))}[,}}]'
        wanted = re.compile(said.encode())
        creates = sorted(self._matching(wanted, of="n-api"), key=lambda line: line.time)
        for create in reversed(creates):
            for line in self._lines(create.request_id or ""):
                if line.instance:
                    return line.instance
        raise NotFound(
            f"No log has the create of a server named {name}. n-api logs names only at "
            f"DEBUG. Give the server's id instead.{self._but()}"
        )

    def _beside(self, own: list[Line], request_id: str, server: str) -> Iterator[Line]:
        """Yield what n-cpu's own threads wrote about the server meanwhile."""
        last = own[-1].time
        window = Window(own[0].time, last + _EVENTS_COME_WITHIN)
        wanted = re.compile(server.encode())
        of_hosts = [
            line
            for line in self._matching(wanted, of="n-cpu", window=window)
            if window.first <= line.time <= window.last
            and request_id not in line.message
            and request_id not in line.ids
        ]
        others = (
            line.time
            for line in of_hosts
            if line.user and line.time > last and not _LOOKING.match(line.message)
        )
        until = min(others, default=datetime.datetime.max)
        of_events = {
            line.request_id
            for line in of_hosts
            if any(word in line.message for word in _EVENT)
        }
        for line in of_hosts:
            told = line.request_id in of_events or (not line.ids and line.instance)
            if line.user or line.time >= until:
                continue
            if told or line.level in {"WARNING", "ERROR", "CRITICAL"}:
                yield line

    def _lines(self, word: str) -> Iterator[Line]:
        return self._matching(re.compile(re.escape(word.encode())))

    def _matching(
        self, wanted: re.Pattern[bytes], of: str = "", window: Window | None = None
    ) -> Iterator[Line]:
        """Yield matching records of all logs, or of one service.

        One service also means logs of unknown services. A line in two files (a copy of
        a log, or a part of one) comes once.
        """
        seen: set[tuple[Line, int]] = set()
        for log in self._of(of):
            counts: collections.Counter[Line] = collections.Counter()
            with self._reading(log):
                for line in records(log, wanted, window):
                    if of and line.service not in {of, ""}:
                        continue
                    counts[line] += 1
                    if (line, counts[line]) not in seen:
                        seen.add((line, counts[line]))
                        yield line

    def _of(self, service: str) -> Iterator[Log]:
        for log in self._logs:
            if not service or log.source.service in {service, ""}:
                yield log

    @contextmanager
    def _reading(self, log: Log) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._unread[f"Cannot read {log.path}: {error.strerror or error}."] = None

    def _but(self) -> str:
        return "".join(f" {unread}" for unread in self._unread)


def _asks_about(line: Line, request_id: str) -> bool:
    """Return whether another request only has this id in its URL, as a trace asks."""
    return bool(line.user) and not any(one.startswith(request_id) for one in line.ids)


def _id_of_last(lines: list[Line]) -> str | None:
    last = max(lines, key=lambda line: line.time, default=None)
    return last.request_id if last else None


def _start(lines: list[Line]) -> datetime.datetime:
    """Return when the POST came: at the first line, or earlier by the access line."""
    first = lines[0]
    if any(_ACTION.search(line.message) for line in lines):
        return first.time
    for line in lines:
        if access := ACCESS.search(line.message):
            took = datetime.timedelta(seconds=float(access["seconds"]))
            return min(first.time, line.time - took)
    return first.time


def _with_hosts(lines: list[Line]) -> list[Line]:
    """Fill in a missing host: the only one that n-api sent a message to."""
    found = (_CAST.search(line.message) for line in lines)
    hosts = {match["host"] for match in found if match}
    if len(hosts) != 1:
        return lines
    (host,) = hosts
    return [
        dataclasses.replace(line, host=host)
        if line.service == "n-cpu" and not line.host
        else line
        for line in lines
    ]
