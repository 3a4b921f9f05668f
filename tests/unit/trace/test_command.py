# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The command ``minova trace``: for people, for programs, and without input."""

import http.server
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from benchmarks import trace as benchmark
from minova.cmd.cli.main import main
from minova.trace import coloured, logs
from tests import functional as recorded
from tests.unit.trace.reading import PAUSE, RECORDINGS, SERVER, trace

NOVA = str(RECORDINGS / "nova-34")
MINOVA = str(RECORDINGS / "minova")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["trace", *arguments], prog_name="minova")


def test_for_people_in_a_pipe() -> None:
    shown = run(PAUSE, "--logs", NOVA)

    assert (shown.exit_code, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == PAUSE
    assert '{"pause": null} → 202 by demo demo 2026-11-22 20:27:31' in lines[1]
    (pausing,) = [line for line in lines if "Pausing" in line]
    assert pausing == (
        "   +0.232    +0.025  n-cpu  INFO    Pausing  "
        "(nova.compute.manager pause_instance)"
    )
    assert "   +0.321    +0.000  n-cpu* INFO    VM Paused (Lifecycle Event)" in (
        shown.stdout
    )
    assert "\x1b" not in shown.stdout


def test_the_place_in_nova() -> None:
    shown = run("--last", "--nova", "--logs", MINOVA)

    assert "Unpausing  (nova/compute/manager.py unpause_instance)" in shown.stdout


def test_for_programs() -> None:
    shown = json.loads(run(PAUSE, "--json", "--nova", "--logs", NOVA).stdout)

    (pausing,) = [line for line in shown if line["message"] == "Pausing"]
    assert pausing == {
        "time": "2026-11-22T20:27:32.151000",
        "since_start": 0.232,
        "since_before": 0.025,
        "service": "n-cpu",
        "host": None,
        "level": "INFO",
        "logger": "nova.compute.manager",
        "message": "Pausing",
        "request_id": PAUSE,
        "function": "pause_instance",
        "nova": "nova/compute/manager.py pause_instance",
    }


def test_diagrams() -> None:
    assert "├───────────▶│" in run("--last", "--diagram", "--logs", MINOVA).stdout
    mermaid = run("--last", "--diagram=mermaid", "--logs", MINOVA).stdout
    assert mermaid.startswith("sequenceDiagram\n")
    pause = ("req-8139e14c", "--logs", MINOVA)
    assert run("--diagram", *pause).stdout == run(*pause, "--diagram").stdout


def test_several_paths_after_one_option() -> None:
    files = [f"{NOVA}/n-api.log", f"{NOVA}/n-cpu.log"]

    once = run("--logs", *files, SERVER)
    each = run(SERVER, "--logs", files[0], "--logs", files[1])

    assert once.exit_code == 0
    assert once.stdout == each.stdout == run("--last", "--logs", *files).stdout
    assert "Terminating instance" in once.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 2, "Give one request id, one server, or --last."),
        (["req-1", "req-2"], 2, "Give one request id, one server, or --last."),
        (["--last", "req-1"], 2, "Give either --last or req-1, not both."),
        (["req-0000", "--logs", NOVA], 1, "No log has a line about req-0000."),
        (["--last", "--logs", "/nowhere"], 3, "There is no /nowhere."),
    ],
)
def test_missing_input(arguments: list[str], status: int, said: str) -> None:
    done = run(*arguments)

    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.endswith(f"Error: {said}\n")


def test_usual_places(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docker-compose's with two hosts in a checkout, and stack.sh's."""
    monkeypatch.setattr(logs, "USUAL", (str(tmp_path / "stack"), "logs"))
    # Nothing listens on this port.
    monkeypatch.setenv("MINOVA_URL", "http://127.0.0.1:1")
    monkeypatch.chdir(tmp_path)
    assert run("--last").exit_code == 3

    (tmp_path / "logs").mkdir()
    shutil.copy(f"{MINOVA}/n-api.log", "logs/n-api.log")
    shutil.copy(f"{MINOVA}/n-cpu.log", "logs/n-cpu-a1b2.log")
    shown = run("--last")
    assert "n-cpu a1b2  INFO    Unpausing" in shown.stdout

    (tmp_path / "logs").rename(tmp_path / "stack")
    assert run("--last").stdout == shown.stdout


def test_a_pipe_as_a_log(tmp_path: pathlib.Path) -> None:
    """As with ``minova trace --last --logs <(journalctl …)``."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        f"cat {MINOVA}/n-cpu.log {MINOVA}/n-api.log > {pipe}", shell=True
    ):
        shown = run("--last", "--logs", str(pipe))

    assert "Unpausing" in shown.stdout
    assert '{"unpause": null}' in shown.stdout


def test_in_colours() -> None:
    console = Console(width=100, record=True, file=io.StringIO())

    coloured.show(trace(PAUSE, RECORDINGS / "nova-34"), console, nova=True)

    text = console.export_text()
    assert "since POST" in text
    assert "nova/compute/manager.py" in text
    assert max(map(len, text.splitlines())) <= 100


def test_rich_is_loaded_for_terminals_only() -> None:
    code = (
        "import sys\nfrom minova.cmd.cli.main import main\n"
        f"main(['trace', '--last', '--logs', {MINOVA!r}], standalone_mode=False)\n"
        "assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("installed", [True, False])
def test_a_terminal_without_rich_gets_plain_lines(*, installed: bool) -> None:
    """Rich is an extra. People who only test a tool may not have it."""
    without = "" if installed else "sys.modules['rich.console'] = None"
    code = (
        "import sys\nfrom minova.cmd.cli.main import main\n"
        f"{without}\n"
        "sys.stdout.isatty = lambda: True\n"
        f"main(['trace', '--last', '--logs', {MINOVA!r}], standalone_mode=False)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    in_a_pipe = run("--last", "--logs", MINOVA).stdout
    assert (done.stdout != in_a_pipe) is installed


def test_a_large_log(tmp_path: pathlib.Path) -> None:
    """A short ``benchmarks/trace.py``, which allows 2 s and 100 MiB for 100 MB."""
    request_id = benchmark.write_logs(tmp_path, 10_000_000)

    found = benchmark.measure(tmp_path, request_id)

    assert found.lines == benchmark.LINES
    assert found.processor_seconds < 1
    assert found.mebibytes < 60


@pytest.mark.parametrize("capture", ["capture_trace.py", "capture_waterfall.py"])
def test_the_pages_show_the_output(capture: str) -> None:
    """README and the captures in docs show the command's current output."""
    root = pathlib.Path(benchmark.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, str(root / "docs" / capture)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


class Api(http.server.BaseHTTPRequestHandler):
    """Answers as recorded from Nova 34, and as ``minova up`` does."""

    answers: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        body = self.answers.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Print nothing, so that only the command's output is seen."""


@pytest.fixture
def api() -> Iterator[str]:
    recordings = pathlib.Path(recorded.__file__).parent / "recordings"
    text = (recordings / "083-instance-action-pause-admin-2.1.txt").read_text()
    path, answer = text.split(" ")[1], text.splitlines()[-1]
    files = [f"{MINOVA}/n-api.log", f"{MINOVA}/n-cpu.log"]
    cloud = json.dumps({"cloud": {"logs": files}})
    Api.answers = {path: answer, "/minova/v1/cloud": cloud}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_events_from_an_api(api: str) -> None:
    """A row has full seconds only.

    The end comes after the host's lines in that second.
    """
    shown = json.loads(run(PAUSE, "--logs", NOVA, "--api", api, "--json").stdout)

    (row,) = [line for line in shown if line["service"] == "database"]
    assert row["message"] == "compute_pause_instance: Success"
    assert row["logger"] == "instance_actions_events"
    # 20:27:32 UTC may be another hour in local time.
    assert row["time"][13:19] == ":27:32"
    assert row["request_id"] == PAUSE
    unpause = json.loads(run("--last", "--logs", NOVA, "--api", api, "--json").stdout)
    assert not [line for line in unpause if line["service"] == "database"]


def test_a_cloud_of_one_process(
    api: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logs, "USUAL", ())
    monkeypatch.setenv("MINOVA_URL", api)

    assert "Unpausing" in run("--last").stdout
