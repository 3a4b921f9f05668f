# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""MariaDB's plan for each statement, and the number of rows that it read.

The log of slow queries has both. They are the real ones, not estimates of ``EXPLAIN``,
and also cover statements that change rows.
"""

import dataclasses
import pathlib
import re
from collections.abc import Iterator
from typing import Final

from tests.real_mariadb import MariaDB

EVERYTHING: Final = (
    "SET SESSION slow_query_log = 1, long_query_time = 0, min_examined_row_limit = 0,"
    " log_slow_rate_limit = 1, log_slow_verbosity = 'query_plan,explain'"
)
"""For ``init_command``: log all statements of this connection."""

_ENTRY: Final = re.compile(r"^# User@Host: ", re.MULTILINE)
_EXAMINED: Final = re.compile(r"Rows_examined: (\d+)")
_COLUMNS: Final = 13


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How one table was read: a row of ``EXPLAIN``, and the number of its rows."""

    select_type: str
    table: str
    type: str
    key: str
    rows: float
    extra: str

    @property
    def whole(self) -> bool:
        """Tell whether all of a table, or all of an index, was to be read."""
        return self.type in ("ALL", "index") and self.select_type != "INSERT"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement as it was sent, with its values."""

    text: str
    examined: int
    accesses: tuple[Access, ...]

    def __str__(self) -> str:
        lines = [f"{self.examined} rows examined: {self.text}"]
        return "\n  ".join([*lines, *(str(access) for access in self.accesses)])


class SlowLog:
    """The log of a test's own server."""

    def __init__(self, server: MariaDB) -> None:
        folder = server.sql("SELECT @@datadir").strip()
        self._file = pathlib.Path(folder) / "statements.log"
        server.sql(f"SET GLOBAL slow_query_log_file = '{self._file}'")
        server.sql("SET GLOBAL slow_query_log = 1")
        self._seen = 0

    def read(self) -> list[Statement]:
        """Return new statements since the last call, without BEGIN, COMMIT and SET."""
        text = self._file.read_text(errors="replace")
        new, self._seen = text[self._seen :], len(text)
        return [entry for part in _ENTRY.split(new)[1:] if (entry := _parse(part))]


def _parse(entry: str) -> Statement | None:
    lines = entry.splitlines()
    text = " ".join(
        line
        for line in lines[1:]
        if not line.startswith(("# ", "#", "use ", "SET timestamp"))
    )
    if not re.match(r"(SELECT|UPDATE|DELETE|INSERT|REPLACE|WITH)\b", text):
        return None
    examined = _EXAMINED.search(entry)
    assert examined is not None, entry
    return Statement(
        text=text, examined=int(examined[1]), accesses=tuple(_accesses(lines))
    )


def _accesses(lines: list[str]) -> Iterator[Access]:
    for line in lines:
        if not line.startswith("# explain: ") or line.startswith("# explain: id\t"):
            continue
        columns = line.removeprefix("# explain: ").split("\t")
        assert len(columns) == _COLUMNS, line
        yield Access(
            select_type=columns[1],
            table=columns[2],
            type=columns[3],
            key=columns[5],
            rows=0 if columns[9] == "NULL" else float(columns[9].split()[0]),
            extra=columns[12],
        )
