# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The same tests for all drivers."""

import dataclasses
import pathlib
import threading
import time
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import libvirt
import pytest

from minova import exception
from minova.objects.flavor import Flavor
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.driver import ComputeDriver, RebootType, Shutdown
from minova.virt.event import LifecycleEvent, Transition
from minova.virt.fake import FakeDriver
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.files import Files
from minova.virt.libvirt.guest import Guest
from minova.virt.libvirt.host import Host
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.power_state import PowerState
from tests.functional.virt.conftest import NODE
from tests.real_servers import wait_until


@pytest.fixture(params=["fake", "libvirt"])
def driver(
    request: pytest.FixtureRequest, tmp_path: pathlib.Path
) -> Iterator[ComputeDriver]:
    if request.param == "fake":
        yield FakeDriver("host-1")
        return
    # Each connection has its own state. test:///default is shared by the process.
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
    def told(*transitions: str) -> None:
        """Wait for the last one. A late event is dropped if a newer one waits."""

        def came() -> bool:
            return tuple(str(event.transition) for event in events) == transitions

        wait_until(came, 5, f"told in order: {transitions}")

    assert driver.get_power_state(server) is PowerState.NOSTATE
    assert driver.get_num_instances() == 0

    driver.spawn(server, image)
    assert driver.get_power_state(server) is PowerState.RUNNING
    assert driver.get_num_instances() == 1
    told("Started")

    driver.pause(server)
    assert driver.get_power_state(server) is PowerState.PAUSED
    told("Started", "Paused")

    driver.unpause(server)
    assert driver.get_power_state(server) is PowerState.RUNNING
    told("Started", "Paused", "Resumed")

    driver.power_off(server)
    assert driver.get_power_state(server) is PowerState.SHUTDOWN
    driver.power_off(server)

    driver.destroy(server)
    assert driver.get_power_state(server) is PowerState.NOSTATE
    assert driver.get_num_instances() == 0
    driver.destroy(server)
    assert {event.instance_uuid for event in events} == {server.uuid}


def test_a_paused_guest_is_destroyed_like_any_other(
    driver: ComputeDriver, server: Instance, image: Image
) -> None:
    driver.spawn(server, image)
    driver.pause(server)

    driver.destroy(server)

    assert driver.get_power_state(server) is PowerState.NOSTATE


def test_a_spawn_removes_remains_of_an_earlier_one(
    driver: ComputeDriver, server: Instance, image: Image
) -> None:
    driver.spawn(server, image)
    driver.pause(server)

    driver.spawn(server, image)

    assert driver.get_power_state(server) is PowerState.RUNNING
    assert driver.get_num_instances() == 1


_LARGE = Flavor(flavorid="77", name="<large>", memory_mb=200, vcpus=3, root_gb=2)


def _resize(driver: ComputeDriver, server: Instance) -> None:
    driver.migrate_disk(server, _LARGE)
    driver.finish_migration(server, _LARGE, power_on=True)


def _revert(driver: ComputeDriver, server: Instance, power_on: bool) -> None:
    driver.power_off(server)
    driver.finish_revert_migration(server, server.flavor, power_on=power_on)


Call = Callable[[ComputeDriver, Instance, Image], None]

_RUNNING, _PAUSED, _OFF = GuestState.RUNNING, GuestState.PAUSED, GuestState.OFF
_SAVED, _RESCUED = GuestState.SAVED, GuestState.RESCUED

_REFUSED = (
    exception.InstanceNotRunning,
    exception.SavedMemoryGone,
    libvirt.libvirtError,
)


CALLS: dict[str, Call] = {
    "spawn": lambda driver, server, image: driver.spawn(server, image),
    "pause": lambda driver, server, _image: driver.pause(server),
    "unpause": lambda driver, server, _image: driver.unpause(server),
    "suspend": lambda driver, server, _image: driver.suspend(server),
    "resume": lambda driver, server, _image: driver.resume(server),
    "power off": lambda driver, server, _image: driver.power_off(server),
    "shut down": lambda driver, server, _image: driver.power_off(
        server, Shutdown(timeout=5, retry_interval=1, is_wanted=lambda: True)
    ),
    "power on": lambda driver, server, _image: driver.power_on(server),
    "soft reboot": lambda driver, server, _image: driver.reboot(
        server, RebootType.SOFT, lambda: True
    ),
    "hard reboot": lambda driver, server, _image: driver.reboot(
        server, RebootType.HARD, lambda: True
    ),
    "rescue": lambda driver, server, image: driver.rescue(server, image, "secret"),
    "unrescue": lambda driver, server, _image: driver.unrescue(server),
    "resize": lambda driver, server, _image: _resize(driver, server),
    "revert": lambda driver, server, _image: _revert(driver, server, True),
    "revert to off": lambda driver, server, _image: _revert(driver, server, False),
}
GET_THERE = {
    _RUNNING: "spawn",
    _PAUSED: "pause",
    _OFF: "power off",
    _SAVED: "suspend",
    _RESCUED: "rescue",
}
# Which call leads where. None means that it is refused.
LEADS_TO: dict[str, dict[GuestState, GuestState | None]] = {
    "spawn": dict.fromkeys(GET_THERE, _RUNNING),
    "pause": {_RUNNING: _PAUSED, _PAUSED: _PAUSED, _OFF: None, _SAVED: None},
    "unpause": {_RUNNING: _RUNNING, _PAUSED: _RUNNING, _OFF: None, _SAVED: None},
    "suspend": {_RUNNING: _SAVED, _PAUSED: _SAVED, _OFF: None, _SAVED: _SAVED},
    "resume": {**dict.fromkeys((_RUNNING, _PAUSED, _SAVED), _RUNNING), _OFF: None},
    "power off": {**dict.fromkeys(GET_THERE, _OFF), _SAVED: _SAVED},
    "shut down": {**dict.fromkeys(GET_THERE, _OFF), _SAVED: _SAVED},
    "power on": dict.fromkeys(GET_THERE, _RUNNING),
    "soft reboot": dict.fromkeys((_RUNNING, _PAUSED, _OFF, _SAVED), _RUNNING),
    "hard reboot": dict.fromkeys(GET_THERE, _RUNNING),
    "rescue": dict.fromkeys(GET_THERE, _RESCUED),
    "unrescue": dict.fromkeys(GET_THERE, _RUNNING),
    "resize": dict.fromkeys((_RUNNING, _OFF), _RUNNING),
    "revert": dict.fromkeys((_RUNNING, _OFF), _RUNNING),
    "revert to off": dict.fromkeys((_RUNNING, _OFF), _OFF),
}
_POWER = {
    _RUNNING: PowerState.RUNNING,
    _RESCUED: PowerState.RUNNING,
    _PAUSED: PowerState.PAUSED,
    _OFF: PowerState.SHUTDOWN,
    _SAVED: PowerState.SHUTDOWN,
}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        pytest.param(name, before, after, id=f"{name} while {before}".replace(" ", "-"))
        for name, row in LEADS_TO.items()
        for before, after in row.items()
    ],
)
def test_where_a_call_leads_and_its_repetition(
    driver: ComputeDriver,
    server: Instance,
    image: Image,
    name: str,
    before: GuestState,
    after: GuestState | None,
) -> None:
    """After an unknown result, n-cpu repeats the call."""
    server = dataclasses.replace(server, config_drive=True)
    driver.spawn(server, image)
    CALLS[GET_THERE[before]](driver, server, image)
    assert driver.get_guest_state(server) is before

    if after is None:
        with pytest.raises(_REFUSED):
            CALLS[name](driver, server, image)
        assert driver.get_guest_state(server) is before
        return
    for _ in range(2):
        CALLS[name](driver, server, image)
        assert driver.get_guest_state(server) is after
        assert driver.get_power_state(server) is _POWER[after]
    assert driver.get_num_instances() == 1


@pytest.mark.parametrize("name", ["pause", "unpause", "suspend", "resume", "power off"])
def test_earlier_changes_emit_no_event(
    driver: ComputeDriver,
    events: list[LifecycleEvent],
    server: Instance,
    image: Image,
    name: str,
) -> None:
    def told(times: int) -> list[Transition]:
        events.clear()
        driver.spawn(server, image)
        for _ in range(times):
            CALLS[name](driver, server, image)
        # Let earlier events arrive first.
        driver.reboot(server, RebootType.HARD, lambda: True)
        wait_until(lambda: starts() == 2, 5, "both starts are told")
        return [event.transition for event in events]

    def starts() -> int:
        return sum(event.transition is Transition.STARTED for event in events)

    assert told(2) == told(1)


@pytest.mark.parametrize("before", GET_THERE)
def test_a_deleted_guest_leaves_nothing(
    driver: ComputeDriver,
    server: Instance,
    image: Image,
    tmp_path: pathlib.Path,
    before: GuestState,
) -> None:
    driver.spawn(server, image)
    CALLS[GET_THERE[before]](driver, server, image)

    driver.destroy(server)

    assert driver.get_guest_state(server) is GuestState.GONE
    assert list(tmp_path.glob("instances/*")) == []
    driver.spawn(server, image)
    assert driver.get_guest_state(server) is GuestState.RUNNING


@pytest.mark.parametrize("before", GET_THERE)
def test_a_guest_can_be_checked_in_every_state(
    driver: ComputeDriver, server: Instance, image: Image, before: GuestState
) -> None:
    driver.spawn(server, image)
    CALLS[GET_THERE[before]](driver, server, image)

    assert driver.get_console_output(server) is not None
    runs = before in {GuestState.RUNNING, GuestState.RESCUED}
    assert (driver.get_diagnostics(server) is not None) is runs


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"spawn"}))
def test_a_guest_that_is_not_there(
    driver: ComputeDriver, server: Instance, image: Image, name: str
) -> None:
    with pytest.raises(exception.InstanceNotFound):
        CALLS[name](driver, server, image)
    assert driver.get_guest_state(server) is GuestState.GONE


def test_events_are_emitted_on_a_separate_thread(
    driver: ComputeDriver, server: Instance, image: Image
) -> None:
    """A listener may be slow, and may ask about the guest."""
    told: list[tuple[threading.Thread, GuestState]] = []

    def listen(event: LifecycleEvent) -> None:
        told.append((threading.current_thread(), driver.get_guest_state(server)))

    driver.init_host(listen)
    driver.spawn(server, image)
    wait_until(lambda: bool(told), 5, "the event is told")
    driver.close()

    thread, state = told[0]
    assert thread is not threading.current_thread()
    assert state is GuestState.RUNNING


def test_the_host_has_resources(driver: ComputeDriver) -> None:
    has = driver.get_available_resource()

    assert has.vcpus >= 1
    assert has.memory_mb >= 1024
    assert has.hypervisor_hostname == "host-1"


class TestForeignDomains:
    """The node above has a domain with the name that our first server would get."""

    @pytest.fixture
    def driver(self, tmp_path: pathlib.Path) -> Iterator[LibvirtDriver]:
        node = tmp_path / "node.xml"
        node.write_text(NODE)
        self.host = Host(f"test://{node}", "host-1", "mine")
        yield LibvirtDriver(self.host, tmp_path / "instances", "mine", "test")
        self.host.close()

    def test_the_name_does_no_harm(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        driver.spawn(server, image)

        mine = self.host.connection.lookupByUUIDString(server.uuid)
        assert mine.name() == "instance-00000001-b6d56a74"
        driver.destroy(server)
        foreign = self.host.connection.lookupByName("instance-00000001")
        assert foreign.state()[0] == libvirt.VIR_DOMAIN_RUNNING

    def test_a_resized_guest_is_described_with_its_size(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        """At its next start or later, unless the resize is reverted."""

        def size() -> tuple[int, int, str]:
            domain = self.host.connection.lookupByUUIDString(server.uuid)
            root = ElementTree.fromstring(
                domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
            )
            flavor = root.findtext("metadata/{*}instance/{*}flavor")
            return domain.maxMemory(), int(root.findtext("vcpu") or 0), str(flavor)

        driver.spawn(server, image)
        driver.power_off(server)
        driver.finish_migration(server, _LARGE, power_on=False)
        assert size() == (200 * 1024, 3, "<large>")
        assert driver.get_guest_state(server) is GuestState.OFF

        driver.power_on(server)
        assert size() == (200 * 1024, 3, "<large>")

        _revert(driver, server, True)
        assert size() == (128 * 1024, 1, "nano")

    def test_a_foreign_domain_is_neither_found_nor_changed_by_its_uuid(
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

    def test_a_uuid_that_returns_as_foreign_is_left_alone(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        driver.spawn(server, image)
        assert driver.get_power_state(server) is PowerState.RUNNING
        mine = self.host.connection.lookupByUUIDString(server.uuid)
        mine.destroy()
        mine.undefine()
        assert driver.get_power_state(server) is PowerState.NOSTATE

        foreign = self.host.connection.createXML(
            f"<domain type='test'><name>x</name><uuid>{server.uuid}</uuid>"
            "<memory>1024</memory><os><type>hvm</type></os></domain>"
        )

        with pytest.raises(exception.InstanceNotFound):
            driver.pause(server)
        assert foreign.state()[0] == libvirt.VIR_DOMAIN_RUNNING

    def test_no_handle_of_a_removed_guest_is_kept(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        driver.spawn(server, image)
        driver.get_power_state(server)
        assert set(self.host._found) == {server.uuid}

        driver.destroy(server)

        assert self.host._found == {}

    def test_a_handle_of_a_closed_connection_is_not_used(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        driver.spawn(server, image)
        self.host.get_guest(server.uuid)
        handle = self.host._found[server.uuid]
        # The next connection opens a hypervisor of its own, without this guest.
        self.host._let_go()
        self.host._found[server.uuid] = handle

        assert driver.get_power_state(server) is PowerState.NOSTATE

    def test_it_is_not_counted(self, driver: LibvirtDriver) -> None:
        assert driver.get_num_instances() == 0

    def test_our_domains_are_recognised_after_a_restart(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        """Only by what is written in the domain."""
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

    def test_closing_does_not_wait(self, driver: LibvirtDriver) -> None:
        driver.init_host(lambda event: None)
        began = time.monotonic()

        driver.close()

        assert time.monotonic() - began < 2
        with pytest.raises(exception.HypervisorUnavailable):
            self.host.list_guests()


class TestKeptDescriptions:
    """``libvirt.xml`` keeps how a guest boots its own system, even without a domain."""

    @pytest.fixture
    def driver(self, tmp_path: pathlib.Path) -> Iterator[LibvirtDriver]:
        node = tmp_path / "node.xml"
        node.write_text(NODE)
        self.host = Host(f"test://{node}", "host-1", "mine")
        yield LibvirtDriver(self.host, tmp_path / "instances", "mine", "test")
        self.host.close()

    def domain(self, server: Instance) -> libvirt.virDomain:
        return self.host.connection.lookupByUUIDString(server.uuid)

    @pytest.mark.parametrize("name", ["power on", "hard reboot", "unrescue"])
    @pytest.mark.parametrize("before", GET_THERE)
    def test_an_undefined_guest_comes_back(
        self,
        driver: LibvirtDriver,
        server: Instance,
        image: Image,
        name: str,
        before: GuestState,
    ) -> None:
        driver.spawn(server, image)
        CALLS[GET_THERE[before]](driver, server, image)
        if self.domain(server).isActive():
            self.domain(server).destroy()
        self.domain(server).undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)
        assert driver.get_guest_state(server) is GuestState.GONE

        CALLS[name](driver, server, image)

        assert driver.get_guest_state(server) is GuestState.RUNNING

    def test_a_guest_of_an_earlier_version_is_described_by_libvirt(
        self,
        driver: LibvirtDriver,
        server: Instance,
        image: Image,
        tmp_path: pathlib.Path,
    ) -> None:
        driver.spawn(server, image)
        before = ElementTree.fromstring(self.domain(server).XMLDesc())
        kept = tmp_path / "instances" / server.uuid / "libvirt.xml"
        kept.unlink()

        driver.rescue(server, image, None)
        driver.unrescue(server)

        after = ElementTree.fromstring(self.domain(server).XMLDesc())
        for path in ("os/kernel", "os/initrd", "memory", "name"):
            assert after.findtext(path) == before.findtext(path)
        assert kept.exists()
        assert kept.stat().st_mode & 0o7 == 0

    def test_a_guest_keeps_its_name_when_other_names_become_free(
        self, driver: LibvirtDriver, server: Instance, image: Image
    ) -> None:
        """The node above has a domain with the name that our first server would get."""
        driver.spawn(server, image)
        foreign = self.host.connection.lookupByName("instance-00000001")
        foreign.destroy()
        foreign.undefine()

        driver.reboot(server, RebootType.HARD, lambda: True)

        assert self.domain(server).name() == "instance-00000001-b6d56a74"

    @pytest.mark.parametrize(
        ("name", "step"),
        [
            *(("rescue", step) for step in ("power_off", "create_rescue", "define")),
            *(("rescue", step) for step in ("forget_memory", "launch")),
            *(("unrescue", step) for step in ("power_off", "delete_rescue", "define")),
            *(("unrescue", step) for step in ("forget_memory", "launch")),
        ],
    )
    def test_an_interrupted_call_is_not_done_and_can_be_repeated(
        self,
        driver: LibvirtDriver,
        server: Instance,
        image: Image,
        tmp_path: pathlib.Path,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        step: str,
    ) -> None:
        driver.spawn(server, image)
        after = _RUNNING if name == "unrescue" else _RESCUED
        if name == "unrescue":
            driver.rescue(server, image, None)
        owner = next(each for each in (Guest, Files, Host) if hasattr(each, step))

        def die(*_arguments: object) -> None:
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(owner, step, die)
            with pytest.raises(Killed):
                CALLS[name](driver, server, image)
        assert driver.get_guest_state(server) is not after

        CALLS[name](driver, server, image)

        assert driver.get_guest_state(server) is after
        left = [path.name for path in tmp_path.glob("instances/*/*.rescue")]
        assert sorted(left) == (
            [] if name == "unrescue" else ["kernel.rescue", "ramdisk.rescue"]
        )

    def test_a_rescues_config_drive_has_its_own_password(
        self,
        driver: LibvirtDriver,
        server: Instance,
        image: Image,
        tmp_path: pathlib.Path,
    ) -> None:
        driver.spawn(dataclasses.replace(server, config_drive=True), image)
        # By now the database has forgotten the first password.
        later = dataclasses.replace(server, config_drive=True)
        folder = tmp_path / "instances" / server.uuid
        own = (folder / "disk.config").read_bytes()

        for password in ("first", "second"):
            driver.rescue(later, image, password)
            drive = (folder / "disk.config.rescue").read_bytes()
            assert f'"admin_pass": "{password}"'.encode() in drive

        driver.unrescue(later)
        assert (folder / "disk.config").read_bytes() == own


class Killed(BaseException):
    """The process ends here."""
