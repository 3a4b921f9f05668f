# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What ``--fix`` does: safe repairs of faults that never repair themselves."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from minova import exception
from minova.db import migrate
from minova.db.connection import engine
from minova.doctor.examination import Examination
from minova.doctor.findings import Finding
from minova.rpc import inspection


class NotFixed(Exception):
    """The repair would do harm. The text says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    """A repair that was tried.

    Attributes:
        error: why it failed; empty if it worked.
    """

    finding: Finding
    error: str = ""


def wanted(examination: Examination) -> list[Finding]:
    """Return what would be repaired, to tell the user first."""
    return [each for each in examination.report.findings if each.kind.fix]


def do(examination: Examination) -> Iterator[Fixed]:
    """Repair one finding after the other. A failure does not stop the rest."""
    for each in wanted(examination):
        try:
            FIXES[each.kind.name](examination, each)
        except (NotFixed, inspection.Refused, exception.MinovaError, OSError) as error:
            yield Fixed(each, str(error))
        else:
            yield Fixed(each)


def _migrate(examination: Examination, _found: Finding) -> None:
    """Do what ``minova-manage db sync`` does."""
    assert examination.deployment is not None
    migrate.sync(engine.create(examination.deployment.conf, wait=3600))


def _delete_queue(examination: Examination, found: Finding) -> None:
    assert examination.broker is not None
    if not examination.broker.delete_idle(found.values["queue"]):
        raise NotFixed("it is not empty, or somebody reads it")


FIXES: Final[Mapping[str, Callable[[Examination, Finding], None]]] = {
    "schema-missing": _migrate,
    "schema-behind": _migrate,
    "queue-of-nobody": _delete_queue,
}
