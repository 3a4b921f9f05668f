# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Write the picture of docs/watch.md, from recorded lines of ``minova watch --json``.

python docs/capture_watch.py [--write]
"""

import datetime
import json
import os
import pathlib
import sys
import time
import types

import pictures

from minova.client.records import Record
from minova.client.servers import Server
from minova.watch.coloured import Picture
from minova.watch.rows import Row

ROOT = pathlib.Path(__file__).parents[1]
RECORDED = ROOT / "tests/unit/watch/five-servers.jsonl"
SHOWN = ROOT / "docs/watch.svg"


def picture() -> str:
    """Draw the last recorded line."""
    lines = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    rows: dict[str, Row] = {}
    for line in lines:
        row = rows.setdefault(line["id"], Row(_server(line)))
        row.server = _server(line)
        row.records = [_record(action) for action in line["actions"]]
        row.counter = line["counter"]
        if line["seen_by"] == "record":
            row.passed, row.passed_at = line["task_state"], time.monotonic()
    rows[lines[-1]["id"]].changed_at = time.monotonic()
    at = datetime.datetime.fromisoformat(lines[-1]["time"])
    watching = types.SimpleNamespace(
        rows=rows, found="cloud minova", trouble="", looked_at=at
    )
    console = pictures.console(96, 30)
    Picture(watching, console, now=lambda: at).print()
    return pictures.svg(console, "minova watch")


def _server(line: dict) -> Server:
    kept = ("id", "name", "vm_state", "task_state", "power_state", "host")
    return Server(
        **{name: line[name] for name in kept},
        host_shown=True,
        tags=frozenset(),
        updated="",
        fault="",
    )


def _record(action: dict) -> Record:
    return Record(
        action=action["action"],
        request_id=action["request_id"],
        start_time=action["start_time"],
        failure=action["failure"] or "",
        is_begun=True,
        is_finished=action["result"] is not None,
    )


def main() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()
    text = picture()
    if "--write" in sys.argv[1:]:
        SHOWN.write_text(text)
    elif not SHOWN.exists() or SHOWN.read_text() != text:
        sys.exit(f"{SHOWN.name} is not as minova watch shows it: --write")


if __name__ == "__main__":
    main()
