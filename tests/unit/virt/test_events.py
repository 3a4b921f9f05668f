# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""libvirt's lifecycle events, put into Nova's words."""

from collections.abc import Iterator
from typing import Any

import libvirt
import pytest

from minova.virt.event import LifecycleEvent
from minova.virt.libvirt import events
from tests.real_servers import wait_until

_UUID = "b6d56a74-8f35-47f8-b44d-eb9dbd56c3cf"


class Domain:
    def UUIDString(self) -> str:  # noqa: N802 - libvirt's name
        return _UUID


class Told:
    """What was emitted, of the events that libvirt would tell."""

    def __init__(self) -> None:
        self.transitions: list[str] = []
        self.queue = events.EventQueue(lambda uuid: True, self._emit)

    def tell(self, event: int, detail: int = 0) -> None:
        nothing: Any = None
        domain: Any = Domain()
        self.queue.callback(nothing, domain, event, detail, None)

    def _emit(self, event: LifecycleEvent) -> None:
        self.transitions.append(str(event.transition))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setattr(events, "STOPPED_DELAY", 0.2)
    told = Told()
    yield told
    told.queue.close()


def test_a_stop_waits_and_is_forgotten_at_a_start(told: Told) -> None:
    """A reboot is a stop with a start right behind it."""
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STARTED)
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)

    wait_until(lambda: "Stopped" in told.transitions, 5, "the second stop is told")
    assert told.transitions == ["Started", "Stopped"]


@pytest.mark.parametrize(
    "event", [libvirt.VIR_DOMAIN_EVENT_UNDEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED]
)
def test_a_stop_is_told_of_a_guest_that_is_undefined_as_well(
    told: Told, event: int
) -> None:
    told.tell(libvirt.VIR_DOMAIN_EVENT_STOPPED)
    told.tell(event)

    wait_until(lambda: told.transitions == ["Stopped"], 5, "the stop is told")


def test_a_migration_is_no_pause(told: Told) -> None:
    told.tell(
        libvirt.VIR_DOMAIN_EVENT_SUSPENDED,
        libvirt.VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED,
    )
    told.tell(libvirt.VIR_DOMAIN_EVENT_SUSPENDED)

    wait_until(lambda: told.transitions != [], 5, "the pause is told")
    assert told.transitions == ["Paused"]
