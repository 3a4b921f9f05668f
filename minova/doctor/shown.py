# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An examination as lines of text, and as JSON."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from minova.doctor import server as servers
from minova.doctor.examination import Examination
from minova.doctor.findings import Finding
from minova.doctor.fixes import Fixed
from minova.doctor.kinds import Severity
from minova.doctor.server import ServerSeen


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What is shown: of everything, or of one server alone."""

    examination: Examination
    server: ServerSeen | None = None

    @property
    def findings(self) -> Sequence[Finding]:
        found = self.examination.report.findings
        return found if self.server is None else servers.concerning(self.server, found)

    @property
    def is_well(self) -> bool:
        return all(each.kind.severity is Severity.NOTE for each in self.findings)

    @property
    def headline(self) -> str:
        """How many of what; a note is nothing wrong."""
        counted = [
            f"{number} {severity}{'s' * (number != 1)}"
            for severity in Severity
            if (number := sum(f.kind.severity is severity for f in self.findings))
        ]
        if not counted:
            return "Nothing wrong was found."
        return f"Found: {', '.join(counted)}."

    @property
    def why(self) -> str:
        assert self.server is not None
        return servers.why(self.server, self.examination)

    @property
    def facts(self) -> dict[str, str]:
        assert self.server is not None
        return servers.facts(self.server, self.examination)

    @property
    def title(self) -> str:
        """The server, where it is."""
        assert self.server is not None
        server = self.server
        task = f", {server.claim.task_state}" if server.claim else ""
        return f"{server.name} ({server.id}) is {server.status}{task}"


def plain(told: Told) -> Iterator[str]:
    """A line for each line, for pipes."""
    if told.server is not None:
        yield from _server(told, told.server)
    yield told.headline
    for each in told.findings:
        yield ""
        yield f"{each.kind.severity.upper()} {each.kind.name}"
        yield f"  {each.what}"
        yield f"  by itself: {each.by_itself}"
        if each.repair:
            yield f"  repair: {each.repair}"
    report = told.examination.report
    yield ""
    for seen in report.seen:
        yield f"looked at {seen.subject}: {seen.what}"
    for not_looked in report.not_looked:
        how = f" To look: {not_looked.how}" if not_looked.how else ""
        yield f"not looked at {not_looked.subject}: {not_looked.why}.{how}"


def fixed(done: Sequence[Fixed]) -> Iterator[str]:
    """What was repaired, and what could not be."""
    for each in done:
        said = f"could not: {each.error}" if each.error else "done"
        yield f"{each.finding.kind.name}: {each.finding.kind.fix}: {said}"


def as_json(told: Told, done: Sequence[Fixed] | None) -> dict[str, Any]:
    """For programs; ``fixed`` is there with ``--fix`` only."""
    report = told.examination.report
    shown: dict[str, Any] = {
        "well": told.is_well,
        "findings": [_finding(each) for each in told.findings],
        "seen": [dataclasses.asdict(each) for each in report.seen],
        "not_looked": [dataclasses.asdict(each) for each in report.not_looked],
    }
    if told.server is not None:
        shown["server"] = {
            **dataclasses.asdict(told.server),
            "why": told.why,
            "next": servers.trace(told.server),
            "facts": told.facts,
        }
    if done is not None:
        shown["fixed"] = [
            {**_finding(each.finding), "done": not each.error, "error": each.error}
            for each in done
        ]
    return shown


def _server(told: Told, server: ServerSeen) -> Iterator[str]:
    yield told.title
    yield f"Why: {told.why}"
    if command := servers.trace(server):
        yield f"Next: {command}"
    for name, fact in told.facts.items():
        yield f"  {name}: {fact}"
    for record in server.records:
        details = f": {record.details}" if record.details else ""
        yield (
            f"  {record.start_time} {record.action} {record.request} "
            f"{record.result}{details}"
        )
    yield ""


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "kind": found.kind.name,
        "severity": found.kind.severity,
        "what": found.what,
        "by_itself": found.by_itself,
        "repair": found.repair,
        "fix": found.kind.fix,
        "server": found.values.get("server"),
        "host": found.values.get("host"),
    }
