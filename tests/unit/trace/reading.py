# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The recordings, read as ``minova trace`` reads them, and in other formats."""

import pathlib
import re
from collections.abc import Callable

from minova.trace import logs
from minova.trace.timeline import Reader, Timeline

RECORDINGS = pathlib.Path(__file__).parent / "recordings"
# Recorded from Nova 34.
SERVER = "f0e0acc8-4813-4076-971f-4a2ddfae2b8d"
PAUSE = "req-fdf5c6b1-3b48-47c7-8a53-11e70c31584b"
UNPAUSE = "req-f20694e0-9700-4293-8359-3301bd002c15"

_NOVA_34 = re.compile(
    r"2026-(?P<month>\d\d)-(?P<day>\d\d) (?P<clock>\S+)\.(?P<ms>\d{3}) (?P<level>\w+) "
    r"(?P<logger>\S+) \[(?P<context>[^\]]*)\] (?P<rest>.*)"
)


def trace(request_id: str, *paths: pathlib.Path) -> Timeline:
    return Reader(logs.find(paths)).trace(request_id)


def told(timeline: Timeline) -> list[tuple[float, str, str, str, str]]:
    """Return a timeline without hosts and files."""
    return [
        (
            timeline.since_start(line),
            line.service,
            line.logger,
            line.message,
            line.function,
        )
        for line in timeline.lines
    ]


def in_journal(log: pathlib.Path, unit: str) -> str:
    """As ``journalctl -o short-precise`` shows a log of DevStack."""
    return _rewritten(
        log,
        lambda found: (
            f"Nov {found['day']} {found['clock']}.{found['ms']}000 vm {unit}[404]: "
            f"{found['level']} {found['logger']} [{found['context']}] {found['rest']}"
        ),
    )


def by_default(log: pathlib.Path) -> str:
    """In oslo.log's own format, with the ids of user, project and domains."""

    def rewrite(found: re.Match[str]) -> str:
        words = found["context"].split()
        context = found["context"]
        if len(words) > 1:
            who = "- - - - -" if words[2] == "None" else "35bf dc0d - - default default"
            context = f"{words[0]} {words[1]} {who}"
        head = f"2026-{found['month']}-{found['day']} {found['clock']}.{found['ms']}"
        return (
            f"{head} 404 {found['level']} {found['logger']} [{context}] {found['rest']}"
        )

    return _rewritten(log, rewrite)


def _rewritten(log: pathlib.Path, rewrite: Callable[[re.Match[str]], str]) -> str:
    lines = log.read_text().splitlines()
    found = [_NOVA_34.fullmatch(line) for line in lines]
    return "".join(
        f"{rewrite(match) if match else line}\n"
        for line, match in zip(lines, found, strict=True)
    )
