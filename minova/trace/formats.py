# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The log formats of minova and Nova: from DevStack, oslo.log and the journal.

Until 2017 DevStack wrote ``[req-… user project]`` and ``from (pid=…)``, in colours.
Since then it writes ``[None req-… project user]`` and ``{{(pid=…) …}}``, and the
journal adds the time. oslo.log's default has the process id after the time.
"""

import dataclasses
import datetime
import re

# Escape sequences, raw or as `cat -v` and web pages show them.
_COLOUR = re.compile(r"(?:\x1b|\^\[)\[[0-9;]*[mK]")

_ISO = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?"
# journalctl's short, short-precise, short-iso, short-full; rsyslog's files.
_JOURNAL = (
    rf"(?:(?P<day>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{{1,6}})?)"
    rf"|(?:[A-Z][a-z]{{2}} )?(?P<iso>{_ISO})(?: [A-Z]{{3,5}})?)"
    r" (?P<host>\S+) (?P<unit>[^\s\[\]:]+)(?:\[\d+\])?: "
)
# `docker-compose logs` puts the container's name before each line, `grep` the file's.
_CONTAINER = (
    r"(?:(?P<container>[\w.-]+) +\| |(?P<file>\S*\.log\S*?)[: ](?=\d{4}-\d\d-\d\d ))"
)
_RECORD = (
    rf"(?:(?P<time>{_ISO}) )?(?:\d+ )?"
    r"(?P<level>DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|TRACE|AUDIT) (?P<logger>[\w.]+) "
    r"(?:\[(?!instance: )(?P<context>[^\]]*)\] ?)?"
    r"(?:\[instance: (?P<instance>[^\]]+)\] ?)?(?P<message>.*)"
)
_LINE = re.compile(rf"(?:{_JOURNAL}|{_CONTAINER})?{_RECORD}", re.DOTALL)
_BEGINS = re.compile(rf"(?:{_CONTAINER})?(?:{_JOURNAL}|{_ISO} |\[pid: )")
_SUFFIX = re.compile(
    r"\s*(?:\{\{|from )\(pid=\d+\) (?P<function>\S+) (?P<path>\S+:\d+)(?:\}\})?\s*$"
)
_SERVICE = re.compile(
    r"(?<![a-z])(?:(?P<api>n-api|nova-api|n-api-meta)|(?P<cpu>n-cpu|nova-compute)"
    r"|(?P<cond>n-(?:super-)?cond|nova-conductor)|(?P<sch>n-sch|nova-scheduler))"
)
# Used if no file or unit name tells the service.
_LOGGERS = (
    (re.compile(r"\w+\.(?:api|osapi_compute|compute\.api|rpc|wsgi)\b"), "n-api"),
    (re.compile(r"nova\.conductor\b"), "n-cond"),
    (re.compile(r"nova\.(?:scheduler|filters)\b"), "n-sch"),
    (re.compile(r"(?:mi)?nova\.(?:compute|virt|network|objects)\b"), "n-cpu"),
)
SERVICES = ("n-api", "n-cond", "n-sch", "n-cpu")
REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Digits of a fraction of a second. Fewer digits are milliseconds.
_MICROSECONDS = 6
_NOBODY = {"None", "-"}


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The facts about a log that its lines may not have.

    Attributes:
        written: when the file was last written; the journal's short format has no year.
    """

    service: str
    host: str
    written: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One record of a log.

    Attributes:
        ids: the request ids of its context: the global one if any, then its own.
        user: user and project in the context; empty for a service's own work.
        message: with its traceback, if one follows.
        function, path: the code that wrote it. Only DEBUG lines have them.
        offset: its position in the file, in bytes.
    """

    time: datetime.datetime
    service: str
    host: str
    level: str
    logger: str
    ids: tuple[str, ...]
    user: str
    instance: str
    message: str
    function: str
    path: str
    offset: int = dataclasses.field(compare=False)

    @property
    def order(self) -> tuple[datetime.datetime, int, int]:
        """The sort key: time, then service (n-api first), then position in the file."""
        known = self.service in SERVICES
        rank = SERVICES.index(self.service) if known else len(SERVICES)
        return self.time, rank, self.offset

    @property
    def request_id(self) -> str | None:
        return self.ids[-1] if self.ids else None

    @property
    def headline(self) -> str:
        return self.message.partition("\n")[0]


def service_of(name: str) -> str:
    """Return DevStack's short name for the service of a file, unit or container."""
    found = _SERVICE.search(name)
    return f"n-{found.lastgroup}" if found else ""


def parse(record: bytes, source: Source, offset: int = 0) -> Line | None:
    """Parse one record, maybe of several lines; None if oslo.log did not write it."""
    text = _plain(record)
    found = _LINE.match(text)
    time = found and _time(found, source)
    if found is None or time is None:
        return None
    written_by = _SUFFIX.search(found["message"])
    message = found["message"][: written_by.start() if written_by else None].rstrip()
    words = (found["context"] or "").split()
    ids = tuple(word for word in words if REQUEST_ID.fullmatch(word))
    who = [word for word in words if not word.startswith("req-")]
    said = [word for word in who if word not in _NOBODY]
    origin = found["unit"] or found["container"] or found["file"] or ""
    return Line(
        time=time,
        service=service_of(origin) or source.service or origin or _by(found["logger"]),
        host=found["host"] or source.host,
        level=found["level"].replace("WARNING", "WARN").replace("WARN", "WARNING"),
        logger=found["logger"],
        ids=ids,
        user=" ".join(said),
        instance=found["instance"] or "",
        message=message,
        function=written_by["function"] if written_by else "",
        path=written_by["path"] if written_by else "",
        offset=offset,
    )


def _by(logger: str) -> str:
    return next((name for word, name in _LOGGERS if word.match(logger)), "")


def goes_on(head: bytes, line: bytes) -> bool:
    """Return whether a line continues the record before, as text or traceback."""
    text = _plain(line)
    if not _BEGINS.match(text):
        return not _LINE.match(text)
    here, before = _LINE.match(text), _LINE.match(_plain(head))
    return (
        here is not None
        and before is not None
        and here["context"] is None
        and here["level"] in {"ERROR", "TRACE", "CRITICAL"}
        and here["logger"] == before["logger"]
    )


def _plain(record: bytes) -> str:
    return _COLOUR.sub("", record.decode("utf-8", "replace")).rstrip("\r\n")


def _time(found: re.Match[str], source: Source) -> datetime.datetime | None:
    if said := found["time"] or found["iso"]:
        return _iso(said)
    return _day(found["day"], source.written) if found["day"] else None


def _iso(text: str) -> datetime.datetime:
    """Return the local time in the line, without its zone.

    Some formats use ``%(msecs)d``, where ``.7`` means 7 ms.
    """
    time = datetime.datetime.fromisoformat(text[:19])
    fraction = re.match(r"[.,](\d+)", text[19:])
    if fraction is None:
        return time
    digits = fraction[1]
    return time.replace(
        microsecond=int(digits) * (1000 if len(digits) < _MICROSECONDS else 1)
    )


def _day(text: str, written: datetime.datetime) -> datetime.datetime:
    """Parse ``Nov 22 20:28:43``, in the last year that is not after the file's time."""
    seconds, _, fraction = text.partition(".")
    moment = f"{written.year} {seconds}"
    time = datetime.datetime.strptime(moment, "%Y %b %d %H:%M:%S")
    if time > written + datetime.timedelta(days=1):
        time = time.replace(year=written.year - 1)
    return time.replace(microsecond=int(fraction.ljust(6, "0") or 0))
