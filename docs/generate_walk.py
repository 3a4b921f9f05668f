# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Trace a pause, and list the code that ran in docs/walk-of-a-pause.md.

n-api and n-cpu run in this process, with SQLite, oslo.messaging's in-process transport
and libvirt's test driver. It traces the second pause of a server, because the first
does some work only once. libvirt's event of the suspend, the echo, is counted
separately. Periodic work is left out.

Usage: python docs/generate_walk.py [--write]      (from the top of the checkout)
"""

import collections
import contextlib
import json
import os
import pathlib
import queue
import re
import sqlite3
import sys
import tempfile
import threading
import time
import types
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
import webob

import minova.native_threads
from minova import conf as options
from minova import connections, rpc
from minova.compute.manager import ComputeManager
from minova.compute.power_sync import PowerSync
from minova.db import migrate
from minova.db.connection import engine
from minova.virt.event import LifecycleEvent, Transition
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.host import Host
from minova.vocabulary import instance_actions
from minova.wsgi import n_api

PAGE: Final = pathlib.Path(__file__).with_name("walk-of-a-pause.md")
BEGIN, END = "<!-- traced: begin -->\n", "<!-- traced: end -->\n"

_TOP: Final = pathlib.Path(minova.__file__).parents[1]
_TO_READ: Final = re.compile(r"^\| \d+ \|.*\]\(\.\./(minova/\S+\.py)\)", re.MULTILINE)
_CARRIED_BY: Final = {
    "minova/api/front/": "front",
    "minova/policy": "front",
    "minova/rpc/": "rpc",
    "minova/db/": "db",
    "minova/compute_api/queries.py": "db",
    "minova/compute/storing.py": "db",
    "minova/virt/": "hypervisor",
    "minova/context.py": "words",
    "minova/objects/": "words",
    "minova/vocabulary/": "words",
    "minova/conf/log_lines.py": "log",
    "minova/masking.py": "log",
}
"""The group of a file, by the start of its path."""
_HOST: Final = "host-1"
_IMAGE: Final = "8cc68639-c302-441d-9aab-b493b94f7f6e"
_ECHO: Final = {
    "libvirt-events": "`libvirt-events`, which hears of the suspend",
    "lifecycle-events": "`lifecycle-events`, which looks whether the row follows",
}
_THREADS: Final = {
    "MainThread": "a thread of gunicorn's",
    "ThreadPoolExecutor": "`ThreadPoolExecutor`: a message",
    "Thread": "oslo.messaging's, which takes messages off the queue",
}
# Methods of libvirt's objects that send a request to libvirt.
_ASKS: Final = re.compile(r"vir\w+\.(?!connect$|isAlive$|UUIDString$)[a-z]\w+")


class Counts:
    """The files, functions and statements that ran."""

    def __init__(self) -> None:
        self.lines: dict[str, set[int]] = collections.defaultdict(set)
        self.functions: dict[str, set[str]] = collections.defaultdict(set)
        self.threads: list[str] = []
        self.statements: list[str] = []
        self.hypervisor: list[str] = []


class Trace:
    """Counts what runs while ``on`` is set, in threads that start later."""

    def __init__(self) -> None:
        self.on = False
        self.path = Counts()
        self.echo = Counts()
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        sa.event.listen(sa.Engine, "before_cursor_execute", self._execute)

    def _enter(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        path = frame.f_code.co_filename
        if path.startswith(f"{_TOP}/minova/"):
            return self._line
        name = frame.f_code.co_qualname
        if self.on and path.endswith("/libvirt.py") and _ASKS.fullmatch(name):
            self._counts().hypervisor.append(name)
        return None

    def _line(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        if self.on and event == "line":
            counts = self._counts()
            path = str(pathlib.Path(frame.f_code.co_filename).relative_to(_TOP))
            counts.lines[path].add(frame.f_lineno)
            # Count a lambda or a comprehension as part of the function around it.
            # Python 3.12 no longer calls a comprehension.
            name = re.sub(r"(\.<locals>\.<\w+>)+$", "", frame.f_code.co_qualname)
            counts.functions[path].add(name)
            thread = _shown(threading.current_thread().name)
            if thread not in counts.threads:
                counts.threads.append(thread)
        return self._line

    def _execute(self, _connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if self.on and sql != "BEGIN":
            self._counts().statements.append(sql)

    def _counts(self) -> Counts:
        return self.echo if threading.current_thread().name in _ECHO else self.path


def _shown(thread: str) -> str:
    name = re.match("[A-Za-z]+(-[a-z]+)?", thread)
    assert name is not None
    return (_ECHO | _THREADS).get(name[0], f"`{name[0]}`")


def trace() -> Trace:
    """Trace the second pause of a server."""
    traced = Trace()
    with tempfile.TemporaryDirectory() as folder, _site(pathlib.Path(folder)) as site:
        server = site.create()
        site.act(server, "pause", Transition.PAUSED)
        site.act(server, "unpause", Transition.RESUMED)
        traced.on = True
        site.act(server, "pause", Transition.PAUSED)
        traced.on = False
    return traced


class _Site:
    """n-api and n-cpu of one host."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._database = folder / "minova.sqlite"
        self.api = n_api.create_application()
        conf = options.create("n-cpu.log")
        conf(["--config-file", str(folder / "minova.conf")])
        sql = engine.create(conf)
        with sql.connect(), sql.connect(), sql.connect():
            pass  # Enough connections for n-cpu: it opens none during the trace.
        connected = connections.create(conf)
        db = connected.db
        host = Host("test:///default", _HOST, "mine")
        driver = LibvirtDriver(host, folder / "instances", "mine", "test")
        self._manager = ComputeManager(_HOST, db, driver, connected.images)
        self._sync = PowerSync(self._manager)
        self._followed: queue.SimpleQueue[Transition] = queue.SimpleQueue()
        self.messages = rpc.create_server(connected.transport, _HOST, self._manager)
        driver.init_host(self._follow)
        db.service_report(_HOST, None, instance_actions.RPC_VERSION)
        has = driver.get_available_resource()
        db.compute_node_update(_HOST, has, vcpus_limit=9, memory_mb_limit=9999)

    def create(self) -> str:
        new = {"name": "one", "imageRef": _IMAGE, "flavorRef": "42"}
        server = str(self._post("/servers", {"server": new})["server"]["id"])
        self._wait(server, Transition.STARTED)
        return server

    def act(self, server: str, action: str, echo: Transition) -> None:
        self._post(f"/servers/{server}/action", {action: None})
        self._wait(server, echo)

    def _post(self, path: str, body: Any) -> Any:
        request = webob.Request.blank(f"/v2.1{path}", method="POST", json=body)
        request.headers["X-Auth-Token"] = "demo:demo"
        answer = request.get_response(self.api)
        assert answer.status == "202 Accepted", answer.text
        return answer.json if answer.body else None

    def _follow(self, event: LifecycleEvent) -> None:
        self._sync.handle_lifecycle_event(event)
        self._followed.put(event.transition)

    def _wait(self, server: str, echo: Transition) -> None:
        """Wait until the host is done and has followed the echo, without tracing it."""
        tracer = sys.gettrace()
        sys.settrace(None)
        deadline = time.monotonic() + 30
        with contextlib.closing(sqlite3.connect(self._database)) as connection:
            ask = "SELECT task_state FROM instances WHERE uuid = ?"
            while connection.execute(ask, (server,)).fetchone()[0]:
                assert time.monotonic() < deadline, "the host is done"
                time.sleep(0.05)
        while len(self._manager.in_hand):
            time.sleep(0.05)
        while self._followed.get(timeout=30) is not echo:
            pass
        sys.settrace(tracer)


@contextlib.contextmanager
def _site(folder: pathlib.Path) -> Iterator[_Site]:
    (folder / "minova.conf").write_text(
        f"[DEFAULT]\ntransport_url = fake://\nstate_path = {folder}\n"
        f"log_dir = {folder}\nhost = {_HOST}\n"
        f"[database]\nconnection = sqlite:///{folder}/minova.sqlite\n"
    )
    os.environ["OS_MINOVA_CONFIG_DIR"] = str(folder)
    image = folder / "images" / "tick"
    image.mkdir(parents=True)
    for name in ("kernel", "ramdisk"):
        (image / name).touch()
    described = {"id": _IMAGE, "name": "tick", "min_ram": 64, "min_disk": 0}
    at = "2026-11-22T20:00:00Z"
    described |= {"created_at": at, "updated_at": at, "properties": {}}
    described |= {"kernel": "kernel", "ramdisk": "ramdisk", "cmdline": "quiet"}
    (image / "image.json").write_text(json.dumps(described))
    fresh = engine.sqlite(sa.make_url(f"sqlite:///{folder}/minova.sqlite"))
    migrate.sync(fresh)
    fresh.dispose()
    site = _Site(folder)
    site.messages.start()
    yield site
    site.messages.stop()
    site.messages.wait()


def table(traced: Trace, page: str) -> str:
    """Return what ran, in the order of the page."""
    to_read = _TO_READ.findall(page)
    path, echo = traced.path, traced.echo
    # First the files to read, in their order, then the other groups.
    files = sorted(path.lines, key=lambda file: (_carrier(file, to_read), file))
    rows = [
        f"| `{file}` | {len(path.functions[file])} | {len(path.lines[file])} "
        f"| {_carrier(file, to_read)} |\n"
        for file in files
    ]
    functions = sum(map(len, path.functions.values()))
    lines = sum(map(len, path.lines.values()))
    return (
        "| file | functions | lines | read it, or what carries it |\n"
        f"|---|---|---|---|\n{''.join(rows)}"
        f"| **{len(files)} files** | **{functions}** | **{lines}** "
        f"| {len(to_read)} to read |\n\n"
        + _list("SQL statements", map(_shortened, path.statements))
        + _list("calls of libvirt", [f"`{name}`" for name in path.hypervisor])
        + _list("threads", path.threads)
        # Its statements are not listed: it has one if it comes late.
        + "The echo, which the answer and the row do not wait for, and which reads the "
        "row only if the pause has ended already:\n\n"
        + _list("calls of libvirt", [f"`{name}`" for name in echo.hypervisor])
        + _list("threads", echo.threads)
    )


def _carrier(file: str, to_read: list[str]) -> str:
    if file in to_read:
        return f"**read** ({to_read.index(file) + 1})"
    return next(door for start, door in _CARRIED_BY.items() if file.startswith(start))


def _shortened(sql: str) -> str:
    """Shorten a statement to its verb, its table and its condition."""
    text = " ".join(sql.split())
    text = re.sub(r"^SELECT .*? FROM", "SELECT … FROM", text)
    text = re.sub(r"^UPDATE (\S+) SET .*? WHERE", r"UPDATE \1 SET … WHERE", text)
    text = re.sub(r"^(INSERT INTO \S+) .*", r"\1 …", text)
    text = re.sub(r" RETURNING .*", " RETURNING …", text)
    text = re.sub(r"\S+\.(\w+)", r"\1", text)
    return f"`{text}`"


def _list(what: str, items: Any) -> str:
    shown = list(items)
    return (
        f"{len(shown)} {what}:\n\n"
        + "".join(f"{number}. {item}\n" for number, item in enumerate(shown, 1))
        + "\n"
    )


def written(page: str, fresh: str) -> str:
    """Return the page with a new table."""
    before, _begin, rest = page.partition(BEGIN)
    _stale, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{fresh}{END}{after}"


def main() -> None:
    page = PAGE.read_text()
    fresh = written(page, table(trace(), page))
    if "--write" in sys.argv:
        PAGE.write_text(fresh)
    else:
        print(fresh, end="")  # noqa: T201


if __name__ == "__main__":
    main()
