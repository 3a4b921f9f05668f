# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Domains that somebody ends or undefines between two calls of libvirt.

Each order to a driver is first run undisturbed, to learn which calls of the domain it
makes. Then it is run once for each of these calls, and right before the call a second
connection ends or undefines the domain.
"""

import contextlib
import dataclasses
import functools
import inspect
import pathlib
from collections.abc import Callable, Iterator
from typing import Any, Final

import libvirt
import pytest

from minova import exception
from minova.objects.image import Image
from minova.objects.instance import Instance
from minova.virt.driver import RebootType, Shutdown
from minova.virt.libvirt.driver import LibvirtDriver
from minova.virt.libvirt.guest import Guest
from minova.virt.libvirt.host import Host
from minova.vocabulary.guest_state import GuestState
from minova.vocabulary.power_state import PowerState

_URI: Final = "test:///default"
"""One hypervisor for all connections of this process."""
_LOCAL: Final = {"ID", "UUID", "UUIDString", "connect", "name"}
"""Methods of a domain that send no request."""

Hand = Callable[[libvirt.virDomain], None]


def _undefine(domain: libvirt.virDomain) -> None:
    """A running domain stays until it is off, and is then gone."""
    domain.undefine()


def _stop(domain: libvirt.virDomain) -> None:
    domain.destroy()


def _end(domain: libvirt.virDomain) -> None:
    if domain.isActive():
        domain.destroy()
    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE)


class Domain:
    """Wraps one domain to see a driver's calls.

    Attributes:
        called: the methods, in order.
    """

    def __init__(self, uuid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.called: list[str] = []
        self._uuid = uuid
        self._other = libvirt.open(_URI)
        self._hand: tuple[int, Hand] | None = None
        for name, method in inspect.getmembers(libvirt.virDomain, inspect.isfunction):
            if not name.startswith("_") and name not in _LOCAL:
                monkeypatch.setattr(libvirt.virDomain, name, self._around(method))

    def begin(self, hand: tuple[int, Hand] | None = None) -> None:
        """Start to count, and interfere before one of the calls."""
        self.called.clear()
        self._hand = hand

    def close(self) -> None:
        self._hand = None
        self._other.close()

    def _around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(domain: libvirt.virDomain, *args: Any, **kwargs: Any) -> Any:
            is_others = domain.connect() is self._other
            if not is_others and domain.UUIDString() == self._uuid:
                if self._hand is not None and self._hand[0] == len(self.called):
                    self._lay(self._hand[1])
                self.called.append(method.__name__)
            return method(domain, *args, **kwargs)

        return call

    def _lay(self, hand: Hand) -> None:
        # If this fails, the driver has already done it itself.
        with contextlib.suppress(libvirt.libvirtError):
            hand(self._other.lookupByUUIDString(self._uuid))


@dataclasses.dataclass(frozen=True)
class Told:
    """An order to a driver, and its result.

    Attributes:
        tell: gives the order.
        off: the result when the guest is off: a value, or the type of an error.
        gone: the result when the domain is gone.
        undefined: the result when the domain is gone as soon as it is off. None means
            the undisturbed result.
        at: the guest's state before.
        follow_up: calls that may fail, because the order itself is done.
    """

    tell: Callable[[LibvirtDriver, Instance], object]
    off: object
    gone: object
    undefined: object = None
    at: GuestState = GuestState.RUNNING
    follow_up: frozenset[str] = frozenset()


def _diagnostics(driver: LibvirtDriver, server: Instance) -> None:
    """Diagnostics or None: both are right for a guest that goes off meanwhile."""
    found = driver.get_diagnostics(server)
    assert found is None or found.driver == "libvirt"


def _state(driver: LibvirtDriver, server: Instance) -> GuestState | None:
    """None stands for either state of a guest that goes off meanwhile."""
    found = driver.get_guest_state(server)
    return None if found in {GuestState.RUNNING, GuestState.OFF} else found


def _shut_down(driver: LibvirtDriver, server: Instance) -> None:
    driver.power_off(
        server, Shutdown(timeout=5, retry_interval=9, is_wanted=lambda: True)
    )


def _reboot(driver: LibvirtDriver, server: Instance) -> None:
    driver.reboot(server, RebootType.SOFT, lambda: True)


TOLD: Final = {
    "pause": Told(
        LibvirtDriver.pause,
        # As in Nova, for a guest that was off before.
        off=libvirt.libvirtError,
        gone=exception.InstanceNotFound,
    ),
    "resume": Told(
        LibvirtDriver.unpause,
        off=libvirt.libvirtError,
        gone=exception.InstanceNotFound,
        at=GuestState.PAUSED,
        follow_up=frozenset({"setTime"}),
    ),
    "power_off": Told(
        LibvirtDriver.power_off, off=None, gone=exception.InstanceNotFound
    ),
    "delete": Told(LibvirtDriver.destroy, off=None, gone=None),
    "power_state": Told(
        LibvirtDriver.get_power_state,
        off=PowerState.SHUTDOWN,
        gone=PowerState.NOSTATE,
    ),
    "diagnostics": Told(_diagnostics, off=None, gone=None),
    "state": Told(_state, off=None, gone=GuestState.GONE),
    "save_memory": Told(
        LibvirtDriver.suspend,
        off=exception.InstanceNotRunning,
        gone=exception.InstanceNotFound,
        # libvirt does not save memory that could not be found again.
        undefined=libvirt.libvirtError,
    ),
    "go_on": Told(
        LibvirtDriver.resume,
        off=None,
        gone=exception.InstanceNotFound,
        at=GuestState.SAVED,
        follow_up=frozenset({"setTime"}),
    ),
    "press_power_button": Told(
        _shut_down,
        off=None,
        gone=exception.InstanceNotFound,
        undefined=exception.InstanceNotFound,
    ),
    "forget_memory": Told(
        _reboot,
        off=None,
        gone=exception.InstanceNotFound,
        undefined=exception.InstanceNotFound,
    ),
}
"""Orders that a method of ``Guest`` carries out."""


@pytest.fixture
def domain(server: Instance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Domain]:
    domain = Domain(server.uuid, monkeypatch)
    yield domain
    domain.close()


@pytest.fixture
def driver(
    tmp_path: pathlib.Path, server: Instance, domain: Domain
) -> Iterator[LibvirtDriver]:
    host = Host(_URI, "host-1", "mine")
    driver = LibvirtDriver(host, tmp_path / "instances", "mine", "test")
    yield driver
    domain.begin()
    driver.destroy(server)
    host.close()


@pytest.mark.parametrize("hand", [_undefine, _stop, _end])
@pytest.mark.parametrize("name", TOLD)
def test_between_two_calls(
    driver: LibvirtDriver,
    server: Instance,
    image: Image,
    domain: Domain,
    tmp_path: pathlib.Path,
    name: str,
    hand: Hand,
) -> None:
    told = TOLD[name]
    undisturbed = _tell(driver, server, image, domain, told)
    comes_to: dict[Hand, object] = {
        _undefine: undisturbed if told.undefined is None else told.undefined,
        _stop: told.off,
        _end: told.gone,
    }
    calls = list(domain.called)
    assert calls

    for number, call in enumerate(calls):
        result = _tell(driver, server, image, domain, told, (number, hand))

        assert domain.called[number] == call
        if call in told.follow_up:
            assert result == undisturbed, f"before {call}"
        else:
            assert result == comes_to[hand], f"before {call}"
        if told is TOLD["delete"]:
            assert driver.get_power_state(server) is PowerState.NOSTATE
            assert not (tmp_path / "instances" / server.uuid).exists()


def _tell(
    driver: LibvirtDriver,
    server: Instance,
    image: Image,
    domain: Domain,
    told: Told,
    hand: tuple[int, Hand] | None = None,
) -> object:
    """Give the order for a new guest. Return its result or its error's type."""
    domain.begin()
    driver.spawn(server, image)
    if told.at is GuestState.PAUSED:
        driver.pause(server)
    elif told.at is GuestState.SAVED:
        driver.suspend(server)
    domain.begin(hand)
    try:
        return told.tell(driver, server)
    except (exception.MinovaError, libvirt.libvirtError) as error:
        return type(error)


def test_every_method_of_a_guest_is_tested() -> None:
    """Except methods that are part of another one."""
    methods = {name for name in vars(Guest) if not name.startswith("_")}

    assert methods - set(TOLD) == {
        *("uuid", "name", "domain_id", "description", "is_starting"),
        *("launch", "sync_guest_time", "forget_what_was_read"),
    }


def _launch(domain: libvirt.virDomain) -> None:
    domain.create()


@pytest.mark.parametrize(
    ("hand", "after"), [(_launch, PowerState.RUNNING), (_end, PowerState.NOSTATE)]
)
def test_a_new_guest(
    driver: LibvirtDriver,
    server: Instance,
    image: Image,
    domain: Domain,
    hand: Hand,
    after: PowerState,
) -> None:
    """If it vanishes, the error has a text, because nobody deleted the server."""
    domain.begin()
    driver.spawn(server, image)
    calls = list(domain.called)
    assert "create" in calls

    for number in range(len(calls)):
        domain.begin()
        driver.destroy(server)
        domain.begin((number, hand))
        with (
            contextlib.nullcontext()
            if after is PowerState.RUNNING
            else pytest.raises(libvirt.libvirtError)
        ):
            driver.spawn(server, image)
        assert domain.called[number] == calls[number]
        domain.begin()
        assert driver.get_power_state(server) is after


@pytest.mark.parametrize("hand", [_undefine, _stop, _end])
def test_booting_a_guest_again(
    driver: LibvirtDriver, server: Instance, image: Image, domain: Domain, hand: Hand
) -> None:
    """It boots, or fails and can be tried again: its description is not lost."""
    domain.begin()
    driver.spawn(server, image)
    domain.begin()
    driver.power_on(server)
    calls = list(domain.called)

    for number in range(len(calls)):
        domain.begin((number, hand))
        with contextlib.suppress(libvirt.libvirtError):
            driver.power_on(server)
            assert driver.get_guest_state(server) is GuestState.RUNNING
        domain.begin()
        driver.power_on(server)
        assert driver.get_guest_state(server) is GuestState.RUNNING


def test_counting_guests(
    driver: LibvirtDriver, server: Instance, image: Image, domain: Domain
) -> None:
    driver.spawn(server, image)
    # The driver looks into each domain, because it does not know them yet.
    restarted = Host(_URI, "host-1", "mine")
    assert [guest.uuid for guest in restarted.list_guests()] == [server.uuid]
    restarted.close()
    restarted = Host(_URI, "host-1", "mine")
    domain.begin((0, _end))

    assert restarted.list_guests() == []

    assert domain.called == ["metadata"]
    restarted.close()
