# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Guests that a check finds off, although it may be a reboot.

The driver delays stops as libvirt's does, here by half a second.
"""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from minova.compute.manager import ComputeManager
from minova.compute.power_sync import PowerSync
from minova.db.api import Database
from minova.db.connection import engine, sqlite_dialect
from minova.objects.instance import Instance
from minova.virt.event import LifecycleEvent, Transition
from minova.virt.fake import FakeDriver
from minova.virt.libvirt import events
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState
from tests.real_servers import wait_until
from tests.unit.conftest import HOST, NewServer


class Waits(FakeDriver):
    """Delays stops, and returns the suspects that it is given.

    Attributes:
        told: the delayed stops that were handled.
    """

    def __init__(self) -> None:
        super().__init__(HOST)
        self.says: set[str] | None = set()
        self.told: list[LifecycleEvent] = []
        self.queue = events.EventQueue(lambda uuid: True, self._emit_stop)

    def found_off(self, instance_uuid: str) -> None:
        self.queue.found_off(instance_uuid)

    def take_suspects(self) -> set[str] | None:
        says, self.says = self.says, set()
        return says

    def _emit_stop(self, event: LifecycleEvent) -> None:
        # Report the guest as stopped, whatever it does during the handling.
        self.emit_event(event)
        self.told.append(event)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Waits]:
    monkeypatch.setattr(events, "STOPPED_DELAY", 0.5)
    driver = Waits()
    yield driver
    driver.queue.close()


Look = Callable[[PowerSync, Waits, Instance, sa.Engine], None]


def _full(sync: PowerSync, _driver: Waits, _server: Instance, _sql: sa.Engine) -> None:
    sync.sync_all()


def _suspect(sync: PowerSync, driver: Waits, server: Instance, _sql: sa.Engine) -> None:
    driver.says = {server.uuid}
    sync.sync_suspects()


def _reconnect(sync: PowerSync, driver: Waits, _s: Instance, _sql: sa.Engine) -> None:
    driver.says = None
    sync.sync_suspects()


def _outage(sync: PowerSync, _driver: Waits, server: Instance, sql: sa.Engine) -> None:
    with engine.to_write(sql) as connection, connection.begin():
        connection.exec_driver_sql("SELECT 1")  # the first statement locks the file
        sync.handle_lifecycle_event(LifecycleEvent(server.uuid, Transition.STOPPED))
    sync.sync_suspects()


@pytest.fixture(params=[VMState.ACTIVE, VMState.PAUSED, VMState.ERROR])
def vm_state(request: pytest.FixtureRequest) -> VMState:
    state: VMState = request.param
    return state


@pytest.fixture(params=[_full, _suspect, _reconnect, _outage])
def found_off(
    request: pytest.FixtureRequest,
    manager: ComputeManager,
    driver: Waits,
    sql: sa.Engine,
    new_server: NewServer,
    monkeypatch: pytest.MonkeyPatch,
    vm_state: VMState,
) -> Instance:
    """A server whose guest went off and was checked."""
    monkeypatch.setattr(sqlite_dialect, "WAIT", 0.1)
    server = new_server(vm_state)
    sync = PowerSync(manager)
    driver.init_host(sync.handle_lifecycle_event)
    sync.sync_all()
    driver._guests[server.uuid].power_state = PowerState.SHUTDOWN
    driver.told.clear()
    look: Look = request.param
    look(sync, driver, server, sql)
    return server


def test_a_guest_that_runs_again_changes_nothing(
    found_off: Instance, db: Database, driver: Waits
) -> None:
    assert db.instance_get(found_off.uuid) == found_off
    runs_again = found_off.power_state
    driver._guests[found_off.uuid].power_state = runs_again

    wait_until(lambda: driver.told != [], 5, "the grace is over")

    assert db.instance_get(found_off.uuid) == found_off
    assert driver.get_power_state(found_off) is runs_again
    assert [record.action for record in db.action_list(found_off.uuid)] == ["create"]


def test_a_guest_that_stays_off_is_followed(
    found_off: Instance, db: Database, driver: Waits, vm_state: VMState
) -> None:
    wait_until(lambda: driver.told != [], 5, "the grace is over")

    now = db.instance_get(found_off.uuid)
    assert now is not None
    assert now.power_state is PowerState.SHUTDOWN
    newest = db.action_list(found_off.uuid)[0].action
    # Only the user can leave an error state.
    left = (VMState.ERROR, "create")
    is_error = vm_state is VMState.ERROR
    assert (now.vm_state, newest) == (left if is_error else (VMState.STOPPED, "stop"))


def test_a_stopped_server_is_ignored(
    manager: ComputeManager, driver: Waits, new_server: NewServer
) -> None:
    new_server(VMState.STOPPED)
    sync = PowerSync(manager)
    driver.init_host(sync.handle_lifecycle_event)

    sync.sync_all()

    assert driver.queue._stops == {}
