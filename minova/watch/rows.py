# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A server as a row, and the actions that began and ended between two looks."""

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from minova.client.records import Record
from minova.client.servers import Server
from minova.vocabulary import instance_actions
from minova.vocabulary.vm_states import VMState

_ENDS_WITHIN: Final = 5.0
"""Seconds after a change during which an unfinished action is read again."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A server's new state.

    Attributes:
        by_record: the time in UTC if only the action's record shows this state, because
            it passed between two looks; else None.
    """

    server: Server
    records: Sequence[Record]
    counter: int | None
    by_record: str | None = None


class Row:
    """A server with its last actions and its guest's counter.

    Attributes:
        records: the last actions, newest first.
        counter: the guest's last ``tick N``.
        passed: the task of an action that began and ended between two looks.
        passed_at, changed_at: in monotonic time; 0 if it has not happened yet.
        records_due: whether to read the records again.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.records: list[Record] = []
        self.counter: int | None = None
        self.passed = ""
        self.passed_at = 0.0
        self.changed_at = 0.0
        self.records_due = True
        self._before: Server | None = None
        self._records_were_read = False
        self._seen_tasks = {server.task_state}

    def see(self, server: Server) -> bool:
        """Store the result of a look. Return whether anything shown has changed."""
        before, self.server = self.server, server
        self._seen_tasks.add(server.task_state)
        if server == before:
            return False
        if self._before is None:
            self._before = before
        self.changed_at = time.monotonic()
        self.records_due = True
        # Only the time may differ, after an action between two looks. Its record tells.
        return dataclasses.replace(server, updated=before.updated) != before

    def read(self, records: list[Record]) -> Iterator[Change]:
        """Store the records, and yield the states that passed between two looks."""
        known = {record.request_id for record in self.records}
        for record in reversed(records):
            if self._before and record.request_id not in known:
                yield from self._passed(record, self._before)
        self.records = records
        self._records_were_read = True
        self._before = None
        self._seen_tasks = {self.server.task_state}
        is_late = time.monotonic() - self.changed_at > _ENDS_WITHIN
        self.records_due = bool(records) and not records[0].is_finished and not is_late

    def change(self) -> Change:
        return Change(
            server=self.server, records=tuple(self.records), counter=self.counter
        )

    def _passed(self, record: Record, before: Server) -> Iterator[Change]:
        is_new = self._records_were_read or record.start_time[:19] > before.updated[:19]
        rows = [row for row in instance_actions.ALL if row.name == record.action]
        tasks = {row.task_state for row in rows}
        # A recorded reboot may be soft or hard. Looks see it: it takes long enough.
        if not is_new or len(tasks) != 1:
            return
        (task,) = tasks
        if task not in self._seen_tasks:
            self.passed, self.passed_at = task, time.monotonic()
            yield Change(
                server=dataclasses.replace(before, task_state=task),
                records=(record, *self.records),
                counter=self.counter,
                by_record=record.start_time,
            )
        after = rows[0].leads_to
        if record.result == "Success" and isinstance(after, VMState):
            self._before = dataclasses.replace(before, vm_state=after)


def in_order(rows: Mapping[str, Row], at_most: int) -> list[Row]:
    """Sort rows by name. If not all fit, take the last changed ones, newest first."""
    found = sorted(rows.values(), key=lambda row: row.server.place)
    if len(found) > at_most:
        found.sort(key=lambda row: -row.changed_at)
    return found[:at_most]
