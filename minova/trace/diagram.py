# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The sequence diagram of one request, in characters and as Mermaid."""

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator

from minova.trace.formats import Line
from minova.trace.timeline import ACCESS, Timeline

USER, API, QUEUE, COMPUTE, LIBVIRT, GUEST = range(6)
ACTORS = ("user", "n-api", "RabbitMQ", "n-cpu", "libvirt", "guest")
_WIDTH = 13

_CLAIM = re.compile(r"Claimed for \w+: .* -> (?P<task_state>\w+)")
_CAST = re.compile(r"CAST (?P<method>\w+) .* routing key '(?P<queue>[^']+)'")
_EMITS = re.compile(r"Emitting event <LifecycleEvent: .* => (?P<what>\w+)>")
_HEARS = re.compile(r"VM (?P<what>\w+) \(Lifecycle Event\)")
_IS_SO = re.compile(r"Instance [\w ]+ successfully|Guest created on hypervisor")
_ENDS = re.compile("Checking state|Took |Deletion of .* complete|Deleted allocations")
_DEEDS = {"os-stop": "stop", "os-start": "start"}


@dataclasses.dataclass(frozen=True)
class Step:
    """An arrow between two actors, or a note if source and target are the same.

    Attributes:
        at: seconds since the POST; None if no log has this step.
    """

    at: float | None
    source: int
    target: int
    text: str


def steps(timeline: Timeline) -> list[Step]:
    """Return the steps that the lines show, and those that must have been between."""
    # Draw repeated steps only once, such as each look at the guest's state.
    seen: set[tuple[int, int, str]] = set()
    kept = []
    for step in _steps(timeline):
        key = (step.source, step.target, step.text)
        if key not in seen:
            seen.add(key)
            kept.append(step)
    return kept


def _steps(timeline: Timeline) -> Iterator[Step]:
    deed = _deed(timeline)
    own = [line for line in timeline.lines if not timeline.is_beside(line)]
    received = next((line for line in own if line.service == "n-cpu"), None)
    done = _done(own)
    yield Step(0, USER, API, _request(timeline))
    for line in timeline.lines:
        at = timeline.since_start(line)
        here = API if line.service == "n-api" else COMPUTE
        if line is received:
            if not any(_CAST.match(line.message) for line in own):
                yield Step(None, API, QUEUE, f"cast {deed}")
            yield Step(at, QUEUE, COMPUTE, _received(line) or deed)
        yield from _at_host(line, at, deed) if here == COMPUTE else _at_api(line, at)
        if line.level in {"WARNING", "ERROR", "CRITICAL"}:
            yield Step(at, here, here, f"{line.level}: {line.headline}")
        if line is done:
            yield Step(at, here, here, f"{deed}: done")


def _received(line: Line) -> str:
    """Return the line that n-cpu writes first for most actions, such as ``Pausing``."""
    of_manager = line.logger.endswith("compute.manager")
    return line.headline if of_manager and not _ENDS.match(line.message) else ""


def _done(own: list[Line]) -> Line | None:
    """Return n-cpu's last line if it is one that ends an action."""
    of_host = [
        line
        for line in own
        if line.service == "n-cpu" and not line.logger.startswith("oslo")
    ]
    return of_host[-1] if of_host and _ENDS.match(of_host[-1].message) else None


def _at_api(line: Line, at: float) -> Iterator[Step]:
    if found := _CLAIM.match(line.message):
        yield Step(at, API, API, f"claim: task_state {found['task_state']}")
    elif found := _CAST.match(line.message):
        yield Step(at, API, QUEUE, f"{found['method']} to {found['queue']}")
    elif line.message.startswith("Gave the claim"):
        yield Step(at, API, API, "claim given back")
    elif found := ACCESS.search(line.message):
        yield Step(at, API, USER, found["status"])


def _at_host(line: Line, at: float, deed: str) -> Iterator[Step]:
    event = _EMITS.match(line.message) or _HEARS.match(line.message)
    if event or _IS_SO.match(line.message):
        yield Step(None, COMPUTE, LIBVIRT, deed)
        yield Step(None, LIBVIRT, GUEST, deed)
        text = f"event: {event['what']}" if event else line.headline
        yield Step(at, LIBVIRT, COMPUTE, text)
    elif line.message.startswith("Checking state"):
        yield Step(at, COMPUTE, LIBVIRT, "power state?")
    elif line.service == "database":
        yield Step(at, COMPUTE, COMPUTE, f"record: {line.headline}")


def _request(timeline: Timeline) -> str:
    access = timeline.access
    method = access["method"] if access else "POST" if timeline.body else "request"
    if timeline.body:
        return f"{method} {timeline.body}"
    return f"{method} {access['path']}" if access else method


def _deed(timeline: Timeline) -> str:
    """Return the requested action, such as ``pause``, or else the HTTP method."""
    try:
        (name,) = json.loads(timeline.body)
    except (ValueError, TypeError):
        access = timeline.access
        return access["method"].lower() if access else "the request"
    return "create" if name == "server" else _DEEDS.get(name, str(name))


def name_of(actor: int, timeline: Timeline) -> str:
    """Return an actor's name. n-cpu gets its host's name if only one host took part."""
    hosts = {line.host for line in timeline.lines if line.service == "n-cpu"}
    if actor == COMPUTE and len(hosts) == 1 and (host := hosts.pop()):
        return f"n-cpu {host}"
    return ACTORS[actor]


def in_characters(timeline: Timeline) -> list[str]:
    """Draw the diagram for a terminal of 88 columns."""
    names = [name_of(actor, timeline)[: _WIDTH - 1] for actor in range(len(ACTORS))]
    lines = [" " * 8 + "".join(name.center(_WIDTH) for name in names).rstrip()]
    drawn = steps(timeline)
    for step in drawn:
        at = "" if step.at is None else f"{step.at:+.3f}"
        lines.append(" " * 8 + _lifelines())
        lines.append(" " * 8 + _labelled(step))
        if step.source != step.target:
            lines.append(f"{at:>8}" + _arrow(step))
        else:
            lines[-1] = f"{at:>8}" + lines[-1][8:]
    return [
        *lines,
        " " * 8 + _lifelines(),
        *([_FOOT] if any(step.at is None for step in drawn) else []),
    ]


_FOOT = "        ╌╌▶ no log tells of it, but what follows does"


def _column(actor: int) -> int:
    return actor * _WIDTH + _WIDTH // 2


def _lifelines() -> str:
    row = [" "] * (_column(GUEST) + 1)
    for actor in range(len(ACTORS)):
        row[_column(actor)] = "│"
    return "".join(row)


def _labelled(step: Step) -> str:
    start = min(_column(step.source), _column(step.target)) + 2
    if step.source == step.target:
        start -= 2
    room = 79 - start
    said = f"● {step.text}" if step.source == step.target else step.text
    said = said if len(said) <= room else said[: room - 1] + "…"
    row = _lifelines()
    return row[:start] + said + " " + row[start + len(said) + 1 :]


def _arrow(step: Step) -> str:
    left, right = sorted((_column(step.source), _column(step.target)))
    row = list(_lifelines())
    for column in range(left + 1, right):
        row[column] = "╌" if step.at is None else "─"
    if step.source < step.target:
        row[left], row[right - 1] = "├", "▶"
    else:
        row[right], row[left + 1] = "┤", "◀"
    return "".join(row)


def in_mermaid(timeline: Timeline) -> list[str]:
    lines = ["sequenceDiagram"]
    kinds = itertools.chain(["actor"], itertools.repeat("participant"))
    for actor, kind in zip(range(len(ACTORS)), kinds, strict=False):
        name = _mermaid(name_of(actor, timeline))
        lines.append(f"    {kind} {_id(actor)} as {name}")
    for step in steps(timeline):
        at = "" if step.at is None else f"{step.at:+.3f} s "
        text = _mermaid(f"{at}{step.text}")
        source, target = _id(step.source), _id(step.target)
        if step.source == step.target:
            lines.append(f"    Note over {source}: {text}")
        else:
            dashed = "--" if step.at is None or step.target == USER else "-"
            lines.append(f"    {source}{dashed}>>{target}: {text}")
    return lines


def _id(actor: int) -> str:
    return ACTORS[actor].replace("-", "_")


def _mermaid(text: str) -> str:
    """Escape Mermaid's special characters. A semicolon would end the line."""
    return re.sub(r"[#;<>\n]", lambda found: f"#{ord(found[0])};", text)
