# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova watch`` against ``minova up``, as JSON lines and at a terminal."""

import json
import os
import pathlib
import pty
import queue
import re
import select
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl
from typing import Any

import pytest

from tests.real_servers import wait_until
from tests.tick_image import TICK
from tests.unit.cmd.local_cloud import COMMAND, Up, up

WAIT = 30.0


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("watch") / "minova.sqlite"


@pytest.fixture(scope="module")
def running(database: pathlib.Path) -> Iterator[Up]:
    seed = database.with_name("seed.yaml")
    seed.write_text("quotas: [{project: admin, instances: 90, cores: 90, ram: 90000}]")
    with up("--database", str(database), "--seed", str(seed)) as cloud:
        yield cloud


def make(cloud: Up, name: str) -> str:
    """Make an active server and return its id."""
    wanted = {"name": name, "imageRef": TICK, "flavorRef": "42"}
    made = cloud.admin("POST", "/v2.1/servers", {"server": wanted})["server"]["id"]

    def is_active() -> bool:
        shown = cloud.admin("GET", f"/v2.1/servers/{made}")["server"]
        return bool(shown["status"] == "ACTIVE")

    wait_until(is_active, WAIT, "it is active")
    return str(made)


def act(cloud: Up, server_id: str, action: str) -> None:
    cloud.admin("POST", f"/v2.1/servers/{server_id}/action", {action: None})


class Lines:
    """The output of a command, as it comes."""

    def __init__(self, cloud: Up, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "watch", "--url", cloud.url, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, wanted: Callable[[Any], bool]) -> list[dict[str, Any]]:
        """Return the objects up to the first that is wanted."""
        found = [json.loads(self._lines.get(timeout=WAIT))]
        while not wanted(found[-1]):
            found.append(json.loads(self._lines.get(timeout=WAIT)))
        return found

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Press Ctrl-C; return the status and the text on standard error."""
        self.process.send_signal(number)
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        return self.process.wait(timeout=WAIT), said


@contextmanager
def watched(cloud: Up, *arguments: str) -> Iterator[Lines]:
    lines = Lines(cloud, *arguments)
    try:
        yield lines
    finally:
        lines.process.kill()
        lines.process.wait()


def states(lines: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Return the pairs of states without repetitions in a row."""
    found = [(line["vm_state"], line["task_state"]) for line in lines]
    return [pair for n, pair in enumerate(found) if n == 0 or found[n - 1] != pair]


@pytest.mark.parametrize("which", [[], ["seen"]])
def test_the_steps_of_a_pause_are_seen(running: Up, which: list[str]) -> None:
    """A pause is shorter than the time between two looks."""
    server_id = make(running, "seen")
    named = [server_id] if which else []

    with watched(running, *named) as lines:
        lines.until(lambda line: line["id"] == server_id and line["actions"] != [])
        act(running, server_id, "pause")
        passed = lines.until(
            lambda line: (
                line["vm_state"] == "paused"
                and line["actions"][0]["result"] == "Success"
            )
        )
        ended = lines.end()

    assert states(passed) == [("active", "pausing"), ("paused", None)]
    assert passed[0]["seen_by"] in {"look", "record"}
    last = passed[-1]
    assert (last["seen_by"], last["name"], last["power_state"]) == ("look", "seen", 3)
    assert (last["host"], last["counter"]) == ("host-1", None)
    assert [action["action"] for action in last["actions"]] == ["pause", "create"]
    request_id = last["actions"][0]["request_id"]
    records = f"/v2.1/servers/{server_id}/os-instance-actions"
    assert running.admin("GET", f"{records}/{request_id}")
    assert ended == (0, "")


def test_only_changes_are_asked_for(running: Up) -> None:
    make(running, "asked")
    with watched(running, "--interval", "0.05") as lines:
        lines.until(lambda line: line["name"] == "asked")
        time.sleep(1)
        lines.end()

    listed = running.admin("GET", "/minova/v1/requests?limit=100000")["requests"]
    lists = [
        each["query"]
        for each in listed
        if each["user_agent"] == "minova" and each["path"].endswith("/detail")
    ]
    (full,) = [n for n, query in enumerate(lists) if "changes-since" not in query][-1:]
    assert full < len(lists) - 3
    assert {each["path"].split("/")[1] for each in listed} == {"v2.1"}


def test_servers_come_and_go(running: Up) -> None:
    with watched(running) as lines:
        server_id = make(running, "comes")
        lines.until(lambda line: line["id"] == server_id)
        running.admin("DELETE", f"/v2.1/servers/{server_id}")
        gone = lines.until(
            lambda line: line["id"] == server_id and line["vm_state"] == "deleted"
        )
        assert gone[-1]["task_state"] is None


def test_the_only_server_is_deleted(running: Up) -> None:
    server_id = make(running, "goes")
    with watched(running, "goes") as lines:
        lines.until(lambda line: line["id"] == server_id)
        running.admin("DELETE", f"/v2.1/servers/{server_id}")
        lines.until(lambda line: line["vm_state"] == "deleted")

        assert lines.process.wait(timeout=WAIT) == 0


def test_an_api_that_is_away_for_a_while(tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = ("--database", str(tmp_path / "minova.sqlite"), "--port", str(port))
    cloud = Up(*options)
    server_id = make(cloud, "stays")
    with watched(cloud) as lines:
        lines.until(lambda line: line["id"] == server_id)
        terminal = Terminal(*COMMAND, "watch", "--url", cloud.url)
        terminal.until("stays")
        cloud.end()
        terminal.until(r"does not answer\. Asking again\.")
        (said,) = lines.until(lambda line: "trouble" in line)[-1:]
        assert said["trouble"] == f"{cloud.url} does not answer."
        with up(*options) as again:
            lines.until(lambda line: line.get("trouble", "") is None)
            act(again, server_id, "pause")
            lines.until(lambda line: line.get("vm_state") == "paused")
            terminal.until("pause .*Success")
            terminal.type("\x03")
            assert (lines.end(), terminal.end()) == ((0, ""), 0)


def test_once(running: Up) -> None:
    server_id = make(running, "once")

    done = subprocess.run(
        [*COMMAND, "watch", "once", "--once", "--url", running.url],
        check=True,
        capture_output=True,
        text=True,
    )

    (line,) = done.stdout.splitlines()
    assert json.loads(line)["id"] == server_id


def test_a_missing_server(running: Up) -> None:
    done = subprocess.run(
        [*COMMAND, "watch", "nobody", "--url", running.url],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("Error: There is no server nobody.\n")


class Terminal:
    """A command at a terminal."""

    def __init__(self, *command: str, lines: int = 40, columns: int = 120) -> None:
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            # pytest's readline may have set another size in the environment.
            own = {**os.environ, "TERM": "xterm-256color"}
            for name in ("LINES", "COLUMNS"):
                own.pop(name, None)
            os.execve(command[0], command, own)
        size = struct.pack("HHHH", lines, columns, 0, 0)
        ioctl(self._terminal, termios.TIOCSWINSZ, size)
        self._poll = select.poll()
        self._poll.register(self._terminal, select.POLLIN | select.POLLHUP)
        self.said = ""

    def until(self, wanted: str) -> str:
        """Return the output since the last call, up to what is wanted."""
        came = ""
        deadline = time.monotonic() + WAIT
        while not re.search(wanted, came):
            assert time.monotonic() < deadline, came[-3000:]
            came += self._read()
        return came

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def end(self) -> int:
        """Return the exit status. ``said`` is the whole output."""
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            try:
                self._read()
            except OSError:
                break
        _process, status = os.waitpid(self._process, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def signal(self, number: int) -> None:
        os.kill(self._process, number)

    def _read(self) -> str:
        # Not by select(): other tests leave more than 1,024 connections open.
        if not self._poll.poll(100):
            return ""
        came = os.read(self._terminal, 65536).decode(errors="replace")
        self.said += came
        return came


SHOWS_CURSOR, HIDES_CURSOR = "\x1b[?25h", "\x1b[?25l"
OTHER_SCREEN, OWN_SCREEN = "\x1b[?1049h", "\x1b[?1049l"


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_at_a_terminal(running: Up) -> None:
    server_id = make(running, "shown")
    terminal = Terminal(*COMMAND, "watch", "shown", "--url", running.url)
    terminal.until("create")

    act(running, server_id, "pause")
    # In brackets if no look saw it, which is usual.
    terminal.until(r"(?s)pausing.*paused.*pause +.*Success")
    terminal.type("\x03")

    assert terminal.end() == 0
    last = plain(terminal.said.rpartition(OWN_SCREEN)[2]).splitlines()
    assert last[0].startswith(f"minova watch  {running.url}  1 server  ")
    columns = "name vm_state task_state power_state host counter"
    assert " ".join(last[2].split()) == columns
    shown = last[3].replace("(pausing)", "-")
    assert " ".join(shown.split()) == "shown paused - paused host-1 -"
    assert re.fullmatch(r" {4}[\d:]{8}  pause +Success  req-[0-9a-f-]{36}", last[4])
    assert re.fullmatch(r" {4}[\d:]{8}  create +Success  req-[0-9a-f-]{36}", last[5])
    assert terminal.said.rfind(HIDES_CURSOR) < terminal.said.rfind(SHOWS_CURSOR)
    assert terminal.said.count(OTHER_SCREEN) == terminal.said.count(OWN_SCREEN) == 1


def test_a_terminated_command_restores_the_terminal(running: Up) -> None:
    terminal = Terminal(*COMMAND, "watch", "--url", running.url)
    terminal.until("minova watch")

    terminal.signal(signal.SIGTERM)

    assert terminal.end() == 128 + signal.SIGTERM
    assert terminal.said.rfind(HIDES_CURSOR) < terminal.said.rfind(SHOWS_CURSOR)
    assert OWN_SCREEN in terminal.said


def test_more_servers_than_lines(running: Up) -> None:
    """Servers that change come first."""
    for number in range(8):
        make(running, f"z-{number}")
    last = make(running, "z-99")
    terminal = Terminal(*COMMAND, "watch", "--url", running.url, lines=12)
    first = plain(terminal.until(r"and \d+ more"))
    assert "z-99" not in first

    act(running, last, "pause")
    picture = plain(terminal.until(r"z-99.*\n.*pause +"))
    terminal.type("\x03")

    assert terminal.end() == 0
    assert re.search(r"counter *\s+z-99", picture)


def test_unknown_states(running: Up, database: pathlib.Path) -> None:
    server_id = make(running, "strange")
    put(database, server_id, "shelved_offloaded", "image_snapshot")
    terminal = Terminal(*COMMAND, "watch", "strange", "--once", "--url", running.url)

    assert terminal.end() == 0
    put(database, server_id, "active", None)
    assert "strange  shelved_offloaded  image_snapshot  running" in plain(terminal.said)


def put(database: pathlib.Path, server_id: str, *states: str | None) -> None:
    """Put a server into a vm_state and a task_state that no action leads to."""
    with sqlite3.connect(database, timeout=WAIT) as connection:
        connection.execute(
            "UPDATE instances SET vm_state = ?, task_state = ? WHERE uuid = ?",
            [*states, server_id],
        )


def test_a_terminal_without_rich_gets_lines(running: Up) -> None:
    make(running, "uncoloured")
    code = (
        "import sys\nfrom minova.cmd.cli.main import main\n"
        "sys.modules['rich.console'] = None\n"
        f"main(['watch', 'uncoloured', '--once', '--url', {running.url!r}])\n"
    )
    terminal = Terminal(sys.executable, "-c", code)

    assert terminal.end() == 0
    hint, line = terminal.said.splitlines()
    assert hint == "Install minova[trace] to see a table here instead of JSON."
    assert json.loads(line)["name"] == "uncoloured"


@pytest.mark.parametrize(("answer", "status"), [("n", 1), ("y", 0)])
def test_all_servers_are_chosen(running: Up, answer: str, status: int) -> None:
    """``minova lock --all`` at a terminal shows its progress."""
    make(running, "locked")
    terminal = Terminal(
        *COMMAND, "lock", "--all", "--wait", "--timeout", "9", "--url", running.url
    )
    terminal.until(r"lock \d+ servers \(.*\)\? \[y/N\]: ")

    terminal.type(f"{answer}\n")

    assert terminal.end() == status
    assert ("Aborted!" in terminal.said) == (answer == "n")
    assert bool(re.search(r"sent .* (\d+)/\1", terminal.said)) == (answer == "y")
    if answer == "y":
        run = [*COMMAND, "unlock", "--all", "--url", running.url]
        subprocess.run(run, check=True, capture_output=True)


NEEDS = """
import sys
from minova.cmd.cli.main import main
main([{arguments}], prog_name="minova", standalone_mode=False)
heavy = ("keystoneauth1", "rich", "requests", "yaml", "oslo_", "jsonschema")
print(*[name for name in sys.modules if name.startswith(heavy)], file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ("'--help'", {}),
        ("'pause', '--help'", {}),
        ("", {"_MINOVA_COMPLETE": "bash_complete", "COMP_WORDS": "minova unp"}),
        ("", {"_MINOVA_COMPLETE": "bash_complete", "COMP_WORDS": "minova stop --t"}),
    ],
)
def test_help_and_completion_load_no_library(
    arguments: str, environment: dict[str, str]
) -> None:
    """Both are used at each TAB."""
    # Completion ends the process itself.
    code = NEEDS.format(arguments=arguments).replace(
        "main([", "import contextlib\nwith contextlib.suppress(SystemExit): main(["
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ
        | environment
        | {"COMP_CWORD": "2" if "--" in str(environment) else "1"},
    )

    assert done.stdout
    assert done.stderr == "\n"
    if environment:
        assert re.search(r"^plain,(unpause|--tag)$", done.stdout, re.MULTILINE)
