# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Finds log files, and reads their records as bytes, a block at a time."""

import bz2
import dataclasses
import datetime
import gzip
import lzma
import os
import pathlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from minova.trace.formats import SERVICES, Line, Source, goes_on, parse, service_of

# From stack.sh, docker-compose in a checkout, packages, Kolla.
USUAL = ("/opt/stack/logs", "logs", "/var/log/nova", "/var/log/kolla/nova")

_OPEN: dict[str, Callable[[pathlib.Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
_LOG = re.compile(r"\.log\b|journal|syslog|messages|\.txt\b")
_HOST = re.compile(r"(?:n-cpu|nova-compute)-(?P<host>.+?)\.log")
_BLOCK = 1 << 20


class NoLogs(Exception):
    """There is no log to read. The text says which places were tried."""


@dataclasses.dataclass(frozen=True)
class Log:
    """A log file. ``kept`` is the copy of a pipe, deleted together with the Log."""

    path: pathlib.Path
    source: Source
    kept: object = None

    def blocks(self) -> Iterator[bytes]:
        """Read the file in blocks of whole lines.

        Raises:
            OSError: it cannot be read, or is not compressed as its name says.
        """
        opener = _OPEN.get(self.path.suffix)
        file: BinaryIO
        try:
            with opener(self.path) if opener else self.path.open("rb") as file:
                rest = b""
                while block := file.read(_BLOCK):
                    whole, end, begun = block.rpartition(b"\n")
                    if end:
                        yield rest + whole + end
                        rest = begun
                    else:
                        rest += block
                if rest:
                    yield rest
        except (EOFError, lzma.LZMAError) as error:
            raise OSError(str(error)) from error


def find(paths: Iterable[pathlib.Path], also: Iterable[pathlib.Path] = ()) -> list[Log]:
    """Find the logs at paths, files or folders; without paths, in the usual places.

    Args:
        also: more paths to try together with the usual places.

    Raises:
        NoLogs: a path does not exist, or there is no log.
    """
    given = list(paths)
    if missing := [str(path) for path in given if not path.exists()]:
        raise NoLogs(f"There is no {missing[0]}.")
    tops = given or [*map(pathlib.Path, USUAL), *also]
    files: dict[pathlib.Path, None] = {}
    for top in tops:
        found = (
            sorted(top.rglob("*")) if top.is_dir() else [top] if top.exists() else []
        )
        for path in found:
            if path == top or (path.is_file() and _is_log(path, bool(given))):
                # n-api.log may be a link to today's n-api.log.2016-05-16.
                files[path if path.is_fifo() else path.resolve()] = None
    if not files:
        raise NoLogs(
            f"There are no logs in {', '.join(map(str, tops))}. Say where they are "
            "with --logs."
        )
    logs = [_log(path, list(files)) for path in files]
    return sorted(logs, key=lambda log: _rank(log.source.service))


def _is_log(path: pathlib.Path, asked_for: bool) -> bool:
    if path.suffix == ".out" or not _LOG.search(path.name):
        return False
    return asked_for or bool(_service(path))


def _rank(service: str) -> int:
    return SERVICES.index(service) if service in SERVICES else -1


def _service(path: pathlib.Path) -> str:
    # Some packages write /var/log/nova/api.log.
    plain = path.parent.name == "nova" and not path.name.startswith("nova")
    return service_of(f"nova-{path.name}" if plain else path.name)


def _log(path: pathlib.Path, all_of_them: list[pathlib.Path]) -> Log:
    common = pathlib.Path(os.path.commonpath([file.parent for file in all_of_them]))
    below = path.relative_to(common).parts if path.is_relative_to(common) else ()
    named = _HOST.search(path.name)
    host = named["host"] if named else below[0] if len(below) > 1 else ""
    written = datetime.datetime.fromtimestamp(path.stat().st_mtime)
    source = Source(_service(path), host, written)
    if path.is_file():
        return Log(path, source)
    # A pipe, for example. Copy it, because the content is read more than once.
    kept = tempfile.NamedTemporaryFile()  # noqa: SIM115 - closed when the Log goes
    with path.open("rb") as coming:
        shutil.copyfileobj(coming, kept)
    kept.flush()
    return Log(pathlib.Path(kept.name), source, kept)


@dataclasses.dataclass(frozen=True)
class Window:
    first: datetime.datetime
    last: datetime.datetime


def records(
    log: Log, wanted: re.Pattern[bytes], window: Window | None = None
) -> Iterator[Line]:
    """Yield the records whose first line matches, with their further lines.

    Only these are decoded. Blocks before the window are skipped, and reading stops
    after it, because a log is in the order of time.

    Raises:
        OSError: as ``Log.blocks``.
    """
    for offset, record in _raw(log, wanted, window):
        if (line := parse(record, log.source, offset)) is not None:
            yield line


def heads(log: Log, wanted: re.Pattern[bytes]) -> Iterator[bytes]:
    """Yield the lines that match, undecoded.

    Raises:
        OSError: as ``Log.blocks``.
    """
    for block in log.blocks():
        position = 0
        while (found := wanted.search(block, position)) is not None:
            start = block.rfind(b"\n", 0, found.start()) + 1
            position = block.find(b"\n", found.end()) + 1 or len(block)
            yield block[start:position]


def _raw(
    log: Log, wanted: re.Pattern[bytes], window: Window | None
) -> Iterator[tuple[int, bytes]]:
    begun, begun_at = b"", 0
    for at, block in _blocks_within(log, window):
        position = 0
        if begun:
            begun, position = _more(begun, block, 0)
        if begun and position < len(block):
            yield begun_at, begun
            begun = b""
        while (found := wanted.search(block, position)) is not None:
            start = block.rfind(b"\n", 0, found.start()) + 1
            end = block.find(b"\n", found.end()) + 1 or len(block)
            record, position = _more(block[start:end], block, end)
            if position == len(block):
                begun, begun_at = record, at + start
            else:
                yield at + start, record
    if begun:
        yield begun_at, begun


def _blocks_within(log: Log, window: Window | None) -> Iterator[tuple[int, bytes]]:
    at = 0
    for block in log.blocks():
        where = _where(log, block, window)
        if where > 0:
            return
        if where == 0:
            yield at, block
        at += len(block)


def _more(record: bytes, block: bytes, position: int) -> tuple[bytes, int]:
    """Append the record's lines that follow at a position. Return it and their end."""
    head = record.partition(b"\n")[0]
    while position < len(block):
        end = block.find(b"\n", position) + 1 or len(block)
        if not goes_on(head, block[position:end]):
            break
        record += block[position:end]
        position = end
    return record, position


def _where(log: Log, block: bytes, window: Window | None) -> int:
    """Return -1 if the whole block is before the window, 1 if after it, else 0."""
    # A file of several services may hold their logs one after the other.
    if window is None or not log.source.service:
        return 0
    lines = block[: 1 << 14].split(b"\n"), reversed(block[-(1 << 14) :].split(b"\n"))
    first, last = (
        next((found.time for line in part if (found := parse(line, log.source))), None)
        for part in lines
    )
    if first is None or last is None:
        return 0
    return 1 if first > window.last else -1 if last < window.first else 0
