# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The timeline of a request from logs: minova's, a Nova 34's, and one of 2016."""

import bz2
import gzip
import lzma
import pathlib
import re
import shutil
from collections.abc import Callable
from typing import BinaryIO

import pytest

from minova.trace import logs
from minova.trace.timeline import NotFound, Reader
from tests.unit.trace.reading import (
    PAUSE,
    RECORDINGS,
    SERVER,
    UNPAUSE,
    by_default,
    in_journal,
    told,
    trace,
)

NOVA = RECORDINGS / "nova-34"
# A pause on Nova 34, without the lines about locks.
PAUSED = [
    (0.0, "n-api", "_process_stack", "Action: 'action', calling method: "),
    (0.009, "n-api", "get", "Fetching instance by UUID"),
    (0.207, "n-api", "", '127.0.0.1 "POST /v2.1/servers/'),
    (0.232, "n-cpu", "", "Pausing"),
    (0.233, "n-cpu", "obj_load_attr", "Lazy-loading 'flavor' on Instance uuid "),
    (0.321, "n-cpu", "emit_event", "Emitting event <LifecycleEvent: "),
    (0.321, "n-cpu", "", "VM Paused (Lifecycle Event)"),
    (0.336, "n-cpu", "_get_power_state", "Checking state"),
    (0.376, "n-cpu", "_get_power_state", "Checking state"),
    (0.381, "n-cpu", "handle_lifecycle_event", "Synchronizing instance power state "),
    (0.419, "n-cpu", "", "During sync_power_state the instance has a pending task"),
]


def test_a_pause_of_nova_34() -> None:
    timeline = trace(PAUSE, NOVA)

    assert (timeline.server, timeline.body) == (SERVER, '{"pause": null}')
    lines = [line for line in told(timeline) if "lockutils" not in line[2]]
    assert len(lines) == len(PAUSED)
    for (at, service, _, message, function), paused in zip(lines, PAUSED, strict=True):
        assert (at, service, function) == paused[:3]
        assert message.startswith(paused[3])
    beside = [line.headline for line in timeline.lines if timeline.is_beside(line)]
    assert len(beside) == 5
    assert "VM Paused (Lifecycle Event)" in beside


def test_a_pause_of_minova() -> None:
    reader = Reader(logs.find([RECORDINGS / "minova"]))
    timeline = reader.trace("req-8139e14c-c3d3-46b0-8beb-75a81e44e607")

    assert [line.service for line in timeline.lines] == ["n-api"] * 5 + ["n-cpu"] * 7
    assert {line.host for line in timeline.lines[5:]} == {"host-1"}
    assert [line.headline.partition(" ")[0] for line in timeline.lines] == [
        *("Action:", "Fetching", "Claimed", "CAST", "127.0.0.1"),
        *("Pausing", "Emitting", "VM", "Checking", "Checking"),
        *("Synchronizing", "During"),
    ]
    unpause = reader.trace(reader.last_request())
    assert unpause.body == '{"unpause": null}'
    assert unpause.lines[5].message == "Unpausing"
    assert not any("Paused" in line.message for line in unpause.lines)


def test_a_pause_of_2016_in_colours() -> None:
    timeline = trace("req-1c5b6b0e", RECORDINGS / "2016")

    assert [line.message for line in timeline.lines][-3:-1] == [
        "VM Paused (Lifecycle Event)",
        "Checking state",
    ]
    assert [line.service for line in timeline.lines] == ["n-api"] * 3 + ["n-cpu"] * 5
    assert timeline.body == '{"pause": null}'
    assert timeline.lines[0].user == "admin admin"
    assert timeline.lines[0].function == "_process_stack"
    assert timeline.lines[0].path == "/opt/stack/nova/nova/api/openstack/wsgi.py:789"
    access = timeline.access
    assert access is not None
    assert access["status"] == "202"
    text = str([line.message for line in timeline.lines])
    assert "\\x1b" not in text


@pytest.mark.parametrize("merged", [False, True])
def test_the_journal_of_devstack(tmp_path: pathlib.Path, *, merged: bool) -> None:
    api = in_journal(NOVA / "n-api.log", "devstack@n-api.service")
    cpu = in_journal(NOVA / "n-cpu.log", "nova-compute")
    if merged:
        (tmp_path / "journal.txt").write_text(api + cpu)
    else:
        (tmp_path / "n-api.log").write_text(api)
        (tmp_path / "n-cpu.log").write_text(cpu)

    timeline = trace(PAUSE, tmp_path)

    assert told(timeline) == told(trace(PAUSE, NOVA))
    assert {line.host for line in timeline.lines} == {"vm"}


def test_a_journal_with_seconds_only(tmp_path: pathlib.Path) -> None:
    """Plain ``journalctl``: lines of one second keep their order in the log."""
    for name, unit in (("n-api", "devstack@n-api.service"), ("n-cpu", "nova-compute")):
        precise = in_journal(NOVA / f"{name}.log", unit)
        short = re.sub(r"^(Nov \S+ \S+)\.\d+ ", r"\1 ", precise, flags=re.MULTILINE)
        (tmp_path / f"{name}.log").write_text(short)

    timeline = trace(PAUSE, tmp_path)

    precisely = trace(PAUSE, NOVA)
    assert [line.message for line in timeline.lines] == [
        line.message for line in precisely.lines
    ]
    assert {line.time.microsecond for line in timeline.lines} == {0}


def test_events_without_a_request_id(tmp_path: pathlib.Path) -> None:
    """Nova writes such lines where its threads have no context."""
    shutil.copy(NOVA / "n-api.log", tmp_path)
    text = (NOVA / "n-cpu.log").read_text()
    text = re.sub(r"\[None req-15503842-[0-9a-f-]+ None None\]", "[-]", text)
    (tmp_path / "n-cpu.log").write_text(text)

    assert told(trace(PAUSE, tmp_path)) == told(trace(PAUSE, NOVA))


def test_the_default_format_of_oslo_log(tmp_path: pathlib.Path) -> None:
    (tmp_path / "nova-api.log").write_text(by_default(NOVA / "n-api.log"))
    (tmp_path / "nova-compute.log").write_text(by_default(NOVA / "n-cpu.log"))

    assert told(trace(PAUSE, tmp_path)) == told(trace(PAUSE, NOVA))


@pytest.mark.parametrize(
    ("ending", "opener"), [("gz", gzip.open), ("bz2", bz2.open), ("xz", lzma.open)]
)
def test_rotated_and_compressed(
    tmp_path: pathlib.Path, ending: str, opener: Callable[..., BinaryIO]
) -> None:
    """Half of the pause is in the older file. A copy of a file adds nothing."""
    lines = (NOVA / "n-cpu.log").read_bytes().splitlines(keepends=True)
    (pausing,) = [
        number
        for number, line in enumerate(lines)
        if PAUSE.encode() in line and line.endswith(b"Pausing\n")
    ]
    with opener(tmp_path / f"n-cpu.log.1.{ending}", "wb") as older:
        older.write(b"".join(lines[: pausing + 1]))
    (tmp_path / "n-cpu.log").write_bytes(b"".join(lines[pausing + 1 :]))
    shutil.copy(NOVA / "n-api.log", tmp_path)
    shutil.copy(NOVA / "n-api.log", tmp_path / "copy-of-n-api.log")

    assert told(trace(PAUSE, tmp_path)) == told(trace(PAUSE, NOVA))


def test_hosts_by_names_of_files_and_folders(tmp_path: pathlib.Path) -> None:
    minova = RECORDINGS / "minova"
    pause = "req-8139e14c-c3d3-46b0-8beb-75a81e44e607"
    for name in ("a/n-api.log", "b/n-cpu.log"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(minova / name[2:], tmp_path / name)
    hosts = {line.host for line in trace(pause, tmp_path).lines if line.ids}
    assert hosts == {"a", "b"}

    (tmp_path / "b/n-cpu.log").rename(tmp_path / "a/n-cpu-edge-7.log")
    (tmp_path / "b").rmdir()
    hosts = {line.host for line in trace(pause, tmp_path).lines}
    assert hosts == {"", "edge-7"}


@pytest.mark.parametrize(
    ("message", "heard"), [("Get console output", True), ("Unpausing", False)]
)
def test_events_after_another_request_belong_to_it(
    tmp_path: pathlib.Path, message: str, *, heard: bool
) -> None:
    """Only if that request does something. Reading the console changes no guest."""
    text = (RECORDINGS / "minova" / "n-cpu.log").read_text()
    head, synchronizing, rest = text.partition("2026-11-28 22:40:07.506 DEBUG")
    other = (
        "2026-11-28 22:40:07.504 INFO minova.compute.manager [None "
        "req-00000000-0000-4000-8000-000000000000 demo demo] [instance: "
        f"0d7679e2-ba3f-4e0f-871c-001feb24cee1] {message}\n"
    )
    (tmp_path / "n-cpu.log").write_text(head + other + synchronizing + rest)

    lines = trace("req-8139e14c", tmp_path).lines

    assert any("Synchronizing" in line.message for line in lines) is heard
    assert any("VM Paused" in line.message for line in lines)


def test_a_question_about_a_request_does_not_belong_to_it(
    tmp_path: pathlib.Path,
) -> None:
    """``minova trace`` itself asks an API, which the next trace would show."""
    shutil.copytree(RECORDINGS / "minova", tmp_path, dirs_exist_ok=True)
    pause = "req-8139e14c-c3d3-46b0-8beb-75a81e44e607"
    before = trace(pause, tmp_path)
    with (tmp_path / "n-api.log").open("a") as log:
        log.write(
            "2026-11-28 22:41:00.000 INFO minova.api.openstack.requestlog [None "
            "req-00000000-0000-4000-8000-000000000000 admin admin] 127.0.0.1 "
            f'"GET /v2.1/servers/{before.server}/os-instance-actions/{pause}" '
            "status: 200 len: 562 microversion: 2.62 time: 0.002\n"
        )

    assert trace(pause, tmp_path) == before
    assert trace("req-8139e14c", tmp_path) == before


def test_a_create_goes_through_four_services() -> None:
    reader = Reader(logs.find([NOVA]))
    timeline = reader.trace("req-b68f46b1-4fbb-48e0-a341-fe3faffed48c")

    services = list(dict.fromkeys(line.service for line in timeline.lines))
    assert services == ["n-api", "n-sch", "n-cond", "n-cpu"]
    (xml,) = [line for line in timeline.lines if "End _get_guest_xml" in line.message]
    assert xml.message.endswith("</domain>")
    assert xml.function == "_get_guest_xml"


def test_which_request_is_last() -> None:
    reader = Reader(logs.find([NOVA]))

    last = reader.last_request()
    assert reader.last_request(SERVER) == last
    assert reader.last_request("golden") == last
    (delete,) = {line.request_id for line in reader.trace(last).lines if line.user}
    assert delete == last
    access = reader.trace(last).access
    assert access is not None
    assert access["method"] == "DELETE"


def test_a_console_output_is_not_last(tmp_path: pathlib.Path) -> None:
    text = (RECORDINGS / "minova" / "n-api.log").read_text()
    looked = [
        line.replace("req-4c99a1bd", "req-00000000")
        .replace("22:40:07", "22:40:09")
        .replace('{"unpause": null}', '{"os-getConsoleOutput": {"length": 4}}')
        for line in text.splitlines(keepends=True)
        if "req-4c99a1bd" in line
    ]
    (tmp_path / "n-api.log").write_text(text + "".join(looked))

    last = Reader(logs.find([tmp_path])).last_request()

    assert last.startswith("req-4c99a1bd")


def test_the_last_request_in_the_log_of_a_host() -> None:
    reader = Reader(logs.find([RECORDINGS / "minova" / "n-cpu.log"]))

    timeline = reader.trace(reader.last_request())

    assert timeline.lines[0].message == "Unpausing"


def test_without_debug_the_post_precedes_its_only_line(
    tmp_path: pathlib.Path,
) -> None:
    for name in ("n-api.log", "n-cpu.log"):
        lines = (NOVA / name).read_text().splitlines(keepends=True)
        (tmp_path / name).write_text(
            "".join(line for line in lines if " DEBUG " not in line)
        )

    timeline = trace(PAUSE, tmp_path)

    first = timeline.lines[0]
    assert first.headline.startswith("127.0.0.1")
    assert timeline.since_start(first) == pytest.approx(0.214892)


def test_a_traceback_belongs_to_its_line(tmp_path: pathlib.Path) -> None:
    """oslo.log puts a prefix without a request id before each of its lines."""
    text = (RECORDINGS / "minova" / "n-cpu.log").read_text()
    at = "2026-11-28 22:40:07.497 ERROR oslo_messaging.rpc.server"
    head, checking, rest = text.partition("2026-11-28 22:40:07.502 DEBUG")
    failed = (
        f"{at} [None req-8139e14c-c3d3-46b0-8beb-75a81e44e607 demo demo] Exception\n"
        f"{at} Traceback (most recent call last):\n{at}   File\n{at} ValueError: no\n"
    )
    (tmp_path / "n-cpu.log").write_text(head + failed + checking + rest)

    timeline = trace("req-8139e14c-c3d3-46b0-8beb-75a81e44e607", tmp_path)

    (error,) = [line for line in timeline.lines if line.level == "ERROR"]
    assert error.headline == "Exception"
    assert error.message.endswith("ValueError: no")
    assert error.message.count("\n") == 3


def test_a_missing_request(tmp_path: pathlib.Path) -> None:
    reader = Reader(logs.find([NOVA]))
    for asked in ("req-00000000-0000-0000-0000-000000000000", "req-f"):
        with pytest.raises(NotFound, match=asked):
            reader.trace(asked)
    with pytest.raises(NotFound, match="named nobody"):
        reader.last_request("nobody")
    with pytest.raises(NotFound, match="00000000-0000"):
        reader.last_request("00000000-0000-0000-0000-000000000000")
    with pytest.raises(logs.NoLogs, match="Say where"):
        logs.find([tmp_path])
    with pytest.raises(logs.NoLogs, match="nowhere"):
        logs.find([tmp_path / "nowhere"])


def test_unreadable_files_are_reported(tmp_path: pathlib.Path) -> None:
    shutil.copytree(NOVA, tmp_path, dirs_exist_ok=True)
    (tmp_path / "n-cpu.log.1.gz").write_text("not compressed")

    timeline = trace(UNPAUSE, tmp_path)

    (unread,) = timeline.unread
    assert "n-cpu.log.1.gz" in unread
    assert any(line.message == "Unpausing" for line in timeline.lines)
