# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A stop that becomes due when libvirtd cannot say whose domain it is."""

import time

import pytest
from oslo_utils import uuidutils

from minova.virt.event import LifecycleEvent
from minova.virt.libvirt import events
from minova.virt.libvirt.host import Host
from tests.private_libvirt import PrivateLibvirt
from tests.real_servers import wait_until


@pytest.mark.parametrize("dies", ["before", "when it is asked", "never"])
def test_the_stop_is_emitted_and_the_listener_checks(
    libvirt: PrivateLibvirt,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    dies: str,
) -> None:
    """A domain that libvirt does not know is foreign, but only if libvirt says so."""
    monkeypatch.setattr(events, "STOPPED_DELAY", 0.5)
    heard: list[LifecycleEvent] = []
    host = Host(libvirt.uri, "host-1", "mine")
    host.watch(heard.append)
    assert host.connection.isAlive()

    host.found_off(uuidutils.generate_uuid())
    if dies == "before":
        libvirt.kill()
    elif dies == "when it is asked":
        libvirt.freeze()
        time.sleep(1)  # the question is on its way
        assert heard == []
        libvirt.kill()

    if dies == "never":
        time.sleep(1)
        assert heard == []
    else:
        wait_until(lambda: len(heard) == 1, 5, "the stop is told")
    host.close()
    assert [line for line in caplog.records if line.exc_info] == []
