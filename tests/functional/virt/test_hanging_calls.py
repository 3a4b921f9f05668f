# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A driver whose call hangs, over libvirt's own mock of a hypervisor."""

import threading
import time
from collections.abc import Iterator
from concurrent import futures

import pytest

from minova import exception
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.guest import Guest
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.power_state import PowerState
from tests.real_servers import wait_until

BOUND = 0.5


@pytest.fixture
def let_go(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let every pause hang until the event is set, and then be done."""
    event = threading.Event()
    pause = Guest.pause

    def hang(guest: Guest) -> None:
        event.wait(30)
        pause(guest)

    monkeypatch.setattr(Guest, "pause", hang)
    yield event
    event.set()


def test_a_pause_that_hangs(
    impatient: LibvirtDriver, server: Instance, image: Image, let_go: threading.Event
) -> None:
    impatient.spawn(server, image)
    began = time.monotonic()

    with pytest.raises(exception.CallTimedOut):
        impatient.pause(server)

    assert time.monotonic() - began < BOUND + 5
    for call in (impatient.pause, impatient.destroy, impatient.get_power_state):
        with pytest.raises(exception.CallStillHangs):
            call(server)
    # The console is a file, and the host still answers.
    assert impatient.get_console_output(server) == ""
    assert impatient.get_num_instances() == 1
    assert impatient.take_suspects() == set()

    let_go.set()

    wait_until(lambda: impatient.take_suspects() == {server.uuid}, 5, "it is suspect")
    assert impatient.get_power_state(server) is PowerState.PAUSED
    impatient.destroy(server)


def test_n_cpu_can_stop_while_a_call_hangs(
    impatient: LibvirtDriver, server: Instance, image: Image, let_go: threading.Event
) -> None:
    impatient.spawn(server, image)
    with pytest.raises(exception.CallTimedOut):
        impatient.pause(server)
    began = time.monotonic()

    impatient.close()

    assert time.monotonic() - began < 5


def test_a_guest_whose_memory_is_being_saved_answers(
    impatient: LibvirtDriver,
    server: Instance,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the time for its memory size. libvirt reports the job meanwhile."""
    go, begun = threading.Event(), threading.Event()
    save_memory = Guest.save_memory

    def slowly(guest: Guest) -> None:
        begun.set()
        go.wait(30)
        save_memory(guest)

    monkeypatch.setattr(Guest, "save_memory", slowly)
    impatient.spawn(server, image)
    with futures.ThreadPoolExecutor() as pool:
        suspended = pool.submit(impatient.suspend, server)
        assert begun.wait(5)
        time.sleep(BOUND * 1.5)

        assert impatient.get_power_state(server) is PowerState.RUNNING
        assert not suspended.done()

        go.set()
        suspended.result(5)
    assert impatient.get_guest_state(server) is GuestState.SAVED
