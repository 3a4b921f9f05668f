# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""libvirt's lifecycle events, translated into Nova's."""

import logging
import pathlib
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import libvirt
import pytest

from minova.virt.event import LifecycleEvent
from minova.virt.libvirt import events
from minova.virt.libvirt.host import Host
from tests.real_servers import wait_until

_UUID = "b6d56a74-8f35-47f8-b44d-eb9dbd56c3cf"
_OTHER = "0d6b1d0a-65b2-4f0e-9a55-1f4a0c1f1c11"


class Domain:
    def __init__(self, uuid: str) -> None:
        self._uuid = uuid

    def UUIDString(self) -> str:  # noqa: N802 - libvirt's name
        return self._uuid


class Told:
    """Records the events that are emitted for libvirt's events."""

    def __init__(self) -> None:
        self.transitions: list[str] = []
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.queue = events.EventQueue(lambda uuid: True, self._emit)

    def tell(self, event: int, detail: int = 0, *, of: str = _UUID) -> None:
        nothing: Any = None
        domain: Any = Domain(of)
        self.queue.callback(nothing, domain, event, detail, None)

    def _emit(self, event: LifecycleEvent) -> None:
        self.transitions.append(str(event.transition))
        self.goes_on.wait(5)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setattr(events, "STOPPED_DELAY", 0.2)
    told = Told()
    yield told
    told.queue.close()


def test_a_stop_waits_and_is_dropped_at_a_start(told: Told) -> None:
    """A reboot is a stop followed at once by a start."""
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)

    wait_until(lambda: "Stopped" in told.transitions, 5, "the second stop is told")
    assert told.transitions == ["Started", "Stopped"]


def test_a_stop_dropped_for_a_newer_event_is_logged(
    told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    """The log line is Nova's."""
    caplog.set_level(logging.DEBUG, "minova.virt.libvirt.events")
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_DEFINED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_RESUMED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)

    assert [re.sub(r"\d+\.\d+", "…", message) for message in caplog.messages] == [
        f"Removed pending STOPPED event for {_UUID} due to new event "
        f"<LifecycleEvent: …, {_UUID} => Resumed>"
    ]


@pytest.mark.parametrize(
    "event", [libvirt.VIR_DOMAIN_EVENT_UNDEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED]
)
def test_a_stop_of_an_undefined_guest_is_emitted(told: Told, event: int) -> None:
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    told.tell(event)

    wait_until(lambda: told.transitions == ["Stopped"], 5, "the stop is told")


def test_a_migration_is_not_a_pause(told: Told) -> None:
    told.tell(
        libvirt.VIR_DOMAIN_EVENT_SUSPENDED,
        libvirt.VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED,
    )
    told.tell(libvirt.VIR_DOMAIN_EVENT_SUSPENDED)

    wait_until(lambda: told.transitions != [], 5, "the pause is told")
    assert told.transitions == ["Paused"]


def test_a_stop_is_emitted_a_while_after_a_guest_was_found_off(told: Told) -> None:
    began = time.monotonic()

    told.queue.found_off(_UUID)

    wait_until(lambda: told.transitions == ["Stopped"], 5, "the stop is told")
    assert time.monotonic() - began >= events.STOPPED_DELAY


def test_no_stop_is_emitted_if_an_event_follows_a_guest_found_off(told: Told) -> None:
    told.queue.found_off(_UUID)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)

    time.sleep(2 * events.STOPPED_DELAY)

    assert told.transitions == ["Started"]


def test_a_waiting_stop_is_not_emitted_twice(told: Told) -> None:
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    told.queue.found_off(_UUID)

    time.sleep(2 * events.STOPPED_DELAY)

    assert told.transitions == ["Stopped"]


def test_only_the_newest_of_a_guests_late_events_is_emitted(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a host that follows slowly does not fall further and further behind."""
    monkeypatch.setattr(events, "LATE", 0.2)
    told.goes_on.clear()
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)
    wait_until(lambda: told.transitions == ["Started"], 5, "the listener is slow")
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED, of=_OTHER)
    for _ in range(3):
        told.tell(libvirt.VIR_DOMAIN_EVENT_SUSPENDED)
        told.tell(libvirt.VIR_DOMAIN_EVENT_RESUMED)
    time.sleep(2 * events.LATE)
    told.goes_on.set()

    told.queue.close()

    assert told.transitions == ["Started", "Started", "Resumed"]
    assert told.queue._newest == {}


def test_a_late_event_is_emitted_although_a_stop_waits(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LATE", 0.0)
    told.tell(libvirt.VIR_DOMAIN_EVENT_RESUMED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)

    wait_until(lambda: "Stopped" in told.transitions, 5, "the stop is told")
    assert told.transitions == ["Resumed", "Stopped"]


def test_each_event_in_time_is_emitted(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LATE", 60.0)
    told.goes_on.clear()
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_SUSPENDED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_RESUMED)
    told.goes_on.set()

    told.queue.close()

    assert told.transitions == ["Started", "Paused", "Resumed"]


def test_a_due_stop_is_stale_after_a_newer_event(told: Told) -> None:
    """The listener was slow, and meanwhile the guest ran and stopped again."""
    told.goes_on.clear()
    told.tell(libvirt.VIR_DOMAIN_EVENT_RESUMED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    time.sleep(2 * events.STOPPED_DELAY)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    told.goes_on.set()

    wait_until(lambda: "Stopped" in told.transitions, 5, "the second stop is told")
    assert told.transitions == ["Resumed", "Started", "Stopped"]


def test_stops_are_dropped_with_the_connection(told: Told) -> None:
    """Events after these stops may have been missed, so all guests are checked."""
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    host = Host("test:///default", "host-1", "mine")
    host._events = told.queue
    host._register = lambda connection, queue: None  # type: ignore[method-assign]
    assert host.connection.isAlive()
    host._events = None

    time.sleep(2 * events.STOPPED_DELAY)

    host.close()
    assert told.transitions == []


def test_a_stop_that_is_due_while_libvirt_is_away_is_emitted(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is unknown whose domain it is, so the listener checks the guest."""
    monkeypatch.setattr(events, "STOPPED_DELAY", 0.1)
    host = Host(f"qemu:///session?socket={tmp_path}/nobody", "host-1", "mine")
    heard: list[LifecycleEvent] = []
    host.watch(heard.append)

    host.found_off(_UUID)

    wait_until(lambda: len(heard) == 1, 5, "the stop is told")
    host.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
