# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers as they change: combines looks, records and the guests' counters."""

import dataclasses
import datetime
import time
from collections.abc import Iterable, Iterator
from typing import Final

from minova.client import records
from minova.client.cloud import Cloud, Refused
from minova.client.selection import Selection
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState
from minova.watch.counters import Counters
from minova.watch.looks import Looks
from minova.watch.rows import Change, Row, in_order

RECORDS: Final = 3
"""How many actions to read per server."""
AT_ONCE: Final = 20
"""For how many servers one look reads actions, and how many counters it reads."""
_GONE_FOR: Final = 5.0
"""Seconds for which a server that is gone is still shown."""


class Watching:
    """The servers of a selection.

    Attributes:
        rows: by id; a new dict after each look.
        trouble: why the last look failed, or an empty string.
        looked_at: the time of the last look that worked.
    """

    def __init__(self, cloud: Cloud, selection: Selection) -> None:
        """Look for the first time, at the servers only.

        Raises:
            Unresolved, Refused: as ``Looks`` does.
        """
        self._cloud = cloud
        self._looks = Looks(cloud, selection)
        self._counters = Counters(cloud)
        self.found = cloud.found
        self.rows: dict[str, Row] = {}
        self.trouble = ""
        self.looked_at = datetime.datetime.now(datetime.UTC)
        self._see()

    def first(self, shown: int = AT_ONCE, wait: float = 0) -> Iterator[Change]:
        """Yield all servers as the first look saw them, with records and counters.

        Args:
            shown: for how many rows to read records and counters.
            wait: how many seconds to wait for the counters.

        Raises:
            Refused: with the answer's message.
        """
        for row in in_order(self.rows, min(shown, AT_ONCE)):
            list(self._read_records(row))
        self._count(shown)
        self._counters.wait(wait)
        self._count(shown)
        yield from (row.change() for row in in_order(self.rows, len(self.rows)))

    def step(self, shown: int = AT_ONCE) -> Iterator[Change]:
        """Look again. Yield what passed between the looks, then what is different now.

        Args:
            shown: how many rows are on the screen. Other rows are read only if they
                changed.
        """
        try:
            self._looks.again()
            changed = self._see()
            for row in self._due(shown):
                was = row.records
                yield from self._read_records(row)
                if row.records != was:
                    changed[row.server.id] = row
        except Refused as refused:
            self.trouble = str(refused)
            changed = {}
        else:
            self.trouble = ""
            self.looked_at = datetime.datetime.now(datetime.UTC)
        changed |= {row.server.id: row for row in self._count(shown)}
        yield from (row.change() for row in changed.values())

    def _see(self) -> dict[str, Row]:
        """Update the rows after a look, and return the changed ones."""
        rows: dict[str, Row] = {}
        changed: dict[str, Row] = {}
        for server_id, server in self._looks.servers.items():
            row = rows[server_id] = self.rows.get(server_id) or Row(server)
            if server_id not in self.rows or row.see(server):
                changed[server_id] = row
        for server_id in self.rows.keys() - rows.keys():
            row = self.rows[server_id]
            gone = dataclasses.replace(
                row.server, vm_state=VMState.DELETED, task_state=None
            )
            if row.see(gone):
                changed[server_id] = row
            if time.monotonic() - row.changed_at < _GONE_FOR:
                rows[server_id] = row
        self.rows = rows
        return changed

    def _due(self, shown: int) -> Iterable[Row]:
        """Return the rows whose actions should be read, last changed first."""
        seen = in_order(self.rows, shown)
        others = (row for row in self.rows.values() if row.changed_at)
        due = {id(row): row for row in (*others, *seen) if row.records_due}
        return sorted(due.values(), key=lambda row: -row.changed_at)[:AT_ONCE]

    def _read_records(self, row: Row) -> Iterator[Change]:
        found = records.last(self._cloud, row.server.id, RECORDS, row.records)
        yield from row.read(found)

    def _count(self, shown: int) -> Iterator[Row]:
        """Ask running guests for their counters. Yield the rows with a new one."""
        seen = in_order(self.rows, min(shown, AT_ONCE))
        self._counters.want(
            row.server.id
            for row in seen
            if row.server.power_state == PowerState.RUNNING
            and not row.server.is_deleted
        )
        for row in seen:
            counter = self._counters.of(row.server.id)
            if counter != row.counter:
                row.counter = counter
                yield row
