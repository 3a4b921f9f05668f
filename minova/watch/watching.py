# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers as they change: looks, what is on record, and what guests count."""

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
"""How many actions are read of a server."""
AT_ONCE: Final = 20
"""Of how many servers a look reads actions, and how many guests are asked to count."""
_GONE_FOR: Final = 5.0
"""Seconds for which a server that is gone is shown."""


class Watching:
    """The servers of a selection.

    Attributes:
        rows: by id; another dict after each look.
        trouble: why the last look saw nothing; empty when it did.
        looked_at: when a look saw something last.
    """

    def __init__(self, cloud: Cloud, selection: Selection) -> None:
        """Look for the first time, at servers alone.

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
        """What is there, without looking at servers again.

        Args:
            shown: of how many rows more is asked than a list says.
            wait: the seconds that guests are given to say what they count.

        Raises:
            Refused: with the words of the answer.
        """
        for row in in_order(self.rows, min(shown, AT_ONCE)):
            list(self._read_records(row))
        self._count(shown)
        self._counters.wait(wait)
        self._count(shown)
        yield from (row.change() for row in in_order(self.rows, len(self.rows)))

    def step(self, shown: int = AT_ONCE) -> Iterator[Change]:
        """Look again: what passed in the meantime, and then what is different.

        Args:
            shown: how many rows anybody sees; of others only changes are read.
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
        """Make rows of what the last look saw; those that are different now."""
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
        """Whose actions are to be read, those that changed last first."""
        seen = in_order(self.rows, shown)
        others = (row for row in self.rows.values() if row.changed_at)
        due = {id(row): row for row in (*others, *seen) if row.records_due}
        return sorted(due.values(), key=lambda row: -row.changed_at)[:AT_ONCE]

    def _read_records(self, row: Row) -> Iterator[Change]:
        found = records.last(self._cloud, row.server.id, RECORDS, row.records)
        yield from row.read(found)

    def _count(self, shown: int) -> Iterator[Row]:
        """Ask guests that run; the rows of those that said something new."""
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
