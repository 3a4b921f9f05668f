# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An examination as JSON, and the JSON as lines of text."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from minova.doctor import reason
from minova.doctor.examination import Examination
from minova.doctor.findings import Finding
from minova.doctor.fixes import Fixed
from minova.doctor.kinds import Severity
from minova.doctor.server import ServerSeen

_NOTHING: Final = "Nothing could be looked at."
Told = Mapping[str, Any]
"""The object that ``--json`` prints. docs/doctor.md lists the keys."""


def told(
    examination: Examination, server: ServerSeen | None, done: Sequence[Fixed] | None
) -> Told:
    """Return the JSON of all findings, or of those that concern one server."""
    report = examination.report
    found: Sequence[Finding] = report.findings
    if server is not None:
        found = reason.concerning(server, found)
    shown: dict[str, Any] = {
        "well": all(each.kind.severity is Severity.NOTE for each in found),
        "summary": _summary(found) if report.seen or found else _NOTHING,
        "findings": [_finding(each) for each in found],
        "seen": [dataclasses.asdict(each) for each in report.seen],
        "not_looked": [dataclasses.asdict(each) for each in report.not_looked],
    }
    if server is not None:
        shown["server"] = {
            **dataclasses.asdict(server),
            "title": reason.title(server),
            "why": reason.why(server, examination),
            "next": reason.trace(server),
            "facts": reason.facts(server, examination),
        }
    if done is not None:
        shown["fixed"] = [
            {**_finding(each.finding), "done": not each.error, "error": each.error}
            for each in done
        ]
    return shown


def plain(shown: Told) -> Iterator[str]:
    """Yield lines that are not wrapped, for pipes."""
    if "server" in shown:
        yield from _server(shown["server"])
    yield shown["summary"]
    for each in shown["findings"]:
        yield ""
        yield f"{each['severity'].upper()} {each['kind']}"
        yield f"  {each['what']}"
        yield f"  by itself: {each['by_itself']}"
        if each["repair"]:
            yield f"  repair: {each['repair']}"
    yield ""
    for seen in shown["seen"]:
        yield f"looked at {seen['subject']}: {seen['what']}"
    for each in shown["not_looked"]:
        how = f" To look: {each['how']}" if each["how"] else ""
        yield f"not looked at {each['subject']}: {each['why']}.{how}"


def fixed(done: Sequence[Fixed]) -> Iterator[str]:
    """Yield a line for each repair, done or failed."""
    for each in done:
        said = f"could not: {each.error}" if each.error else "done"
        yield f"{each.finding.kind.name}: {each.finding.kind.fix}: {said}"


def _server(server: Told) -> Iterator[str]:
    yield server["title"]
    yield f"Why: {server['why']}"
    if server["next"]:
        yield f"Next: {server['next']}"
    for name, fact in server["facts"].items():
        yield f"  {name}: {fact}"
    for record in server["records"]:
        details = f": {record['details']}" if record["details"] else ""
        yield (
            f"  {record['start_time']} {record['action']} {record['request']} "
            f"{record['result']}{details}"
        )
    yield ""


def _summary(found: Sequence[Finding]) -> str:
    counts = {
        severity: sum(each.kind.severity is severity for each in found)
        for severity in Severity
    }
    counted = [
        f"{number} {severity}{'s' * (number != 1)}"
        for severity, number in counts.items()
        if number
    ]
    return f"Found: {', '.join(counted)}." if counted else "Nothing wrong was found."


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
