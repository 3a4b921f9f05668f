# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What each driver must do: the same tests for all of them."""

import dataclasses
import pathlib
import time
from collections.abc import Iterator

import libvirt
import pytest

from minova import exception
from minova.compute.power_state import PowerState
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.driver import ComputeDriver
from minova.virt.event import LifecycleEvent
from minova.virt.fake import FakeDriver
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.host import Host
from tests.functional.virt.conftest import NODE
from tests.real_servers import wait_until


@pytest.fixture(params=["fake", "libvirt"])
def driver(
    request: pytest.FixtureRequest, tmp_path: pathlib.Path
) -> Iterator[ComputeDriver]:
    if request.param == "fake":
        yield FakeDriver("host-1")
        return
    # A state of its own for each connection; test:///default is one for the process.
    node = tmp_path / "node.xml"
    node.write_text(NODE)
    host = Host(f"test://{node}", "host-1", "mine")
    libvirt_driver = LibvirtDriver(host, tmp_path / "instances", "mine", "test")
    yield libvirt_driver
    host.close()


@pytest.fixture
def events(driver: ComputeDriver) -> Iterator[list[LifecycleEvent]]:
    told: list[LifecycleEvent] = []
    driver.init_host(told.append)
    yield told
    driver.close()


def test_a_guests_life(
    driver: ComputeDriver, events: list[LifecycleEvent], server: Instance, image: Image
) -> None:
    assert driver.get_power_state(server) is PowerState.NOSTATE
    assert driver.get_num_instances() == 0

    driver.spawn(server, image)
    assert driver.get_power_state(server) is PowerState.RUNNING
    assert driver.get_num_instances() == 1

    driver.pause(server)
    assert driver.get_power_state(server) is PowerState.PAUSED

    driver.unpause(server)
    assert driver.get_power_state(server) is PowerState.RUNNING

    driver.power_off(server)
    assert driver.get_power_state(server) is PowerState.SHUTDOWN
    driver.power_off(server)

    driver.destroy(server)
    assert driver.get_power_state(server) is PowerState.NOSTATE
    assert driver.get_num_instances() == 0
    driver.destroy(server)

    def told_all() -> bool:
        told = [str(event.transition) for event in events]
        return told[:3] == ["Started", "Paused", "Resumed"]

    wait_until(told_all, 5, "the events are told in order")
    assert {event.instance_uuid for event in events} == {server.uuid}


def test_a_paused_guest_is_destroyed_as_any_other(
    driver: ComputeDriver, server: Instance, image: Image
) -> None:
    driver.spawn(server, image)
    driver.pause(server)

    driver.destroy(server)

    assert driver.get_power_state(server) is PowerState.NOSTATE


def test_a_spawn_clears_what_an_earlier_one_left(
    driver: ComputeDriver, server: Instance, image: Image
) -> None:
    driver.spawn(server, image)
    driver.pause(server)

    driver.spawn(server, image)

    assert driver.get_power_state(server) is PowerState.RUNNING
    assert driver.get_num_instances() == 1


@pytest.mark.parametrize("name", ["pause", "unpause", "power_off"])
def test_a_guest_that_is_not_there(
    driver: ComputeDriver, server: Instance, name: str
) -> None:
    with pytest.raises(exception.InstanceNotFound):
        getattr(driver, name)(server)


def test_the_host_has_something(driver: ComputeDriver) -> None:
    has = driver.get_available_resource()

    assert has.vcpus >= 1
    assert has.memory_mb >= 1024
    assert has.hypervisor_hostname == "host-1"


class TestForeignDomains:
    """The node above has one, under the very name that our first server gets."""

    @pytest.fixture
    def driver(self, tmp_path: pathlib.Path) -> Iterator[LibvirtDriver]:
        node = tmp_path / "node.xml"
        node.write_text(NODE)
        self.host = Host(f"test://{node}", "host-1", "mine")
        yield LibvirtDriver(self.host, tmp_path / "instances", "mine", "test")
        self.host.close()

    def test_the_name_is_no_obstacle(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        driver.spawn(server, image)

        mine = self.host.connection.lookupByUUIDString(server.uuid)
        assert mine.name() == "instance-00000001-b6d56a74"
        driver.destroy(server)
        foreign = self.host.connection.lookupByName("instance-00000001")
        assert foreign.state()[0] == libvirt.VIR_DOMAIN_RUNNING

    def test_it_is_neither_found_nor_changed_under_its_uuid(
        self, driver: LibvirtDriver, server: Instance
    ) -> None:
        foreign = dataclasses.replace(
            server, uuid="11111111-2222-3333-4444-555555555555"
        )

        assert driver.get_power_state(foreign) is PowerState.NOSTATE
        with pytest.raises(exception.InstanceNotFound):
            driver.pause(foreign)
        driver.destroy(foreign)

        domain = self.host.connection.lookupByUUIDString(foreign.uuid)
        assert domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING

    def test_it_is_not_counted(self, driver: LibvirtDriver) -> None:
        assert driver.get_num_instances() == 0

    def test_ours_are_known_again_after_a_restart(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        """By nothing but what is written into the domain."""
        driver.spawn(server, image)
        restarted = Host("unused", "host-1", "mine")
        restarted._connection = self.host.connection

        assert [guest.uuid for guest in restarted.list_guests()] == [server.uuid]
        assert restarted.get_guest(server.uuid).power_state is PowerState.RUNNING

    def test_another_deployments_guest_is_foreign_too(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        driver.spawn(server, image)
        other = Host("unused", "host-1", "theirs")
        other._connection = self.host.connection

        with pytest.raises(exception.InstanceNotFound):
            other.get_guest(server.uuid)
        assert other.list_guests() == []

    def test_closing_waits_for_nobody(self, driver: LibvirtDriver) -> None:
        driver.init_host(lambda event: None)
        began = time.monotonic()

        driver.close()

        assert time.monotonic() - began < 2
        with pytest.raises(exception.HypervisorUnavailable):
            self.host.list_guests()
