# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A separate database for each test, and servers in any state."""

import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from oslo_utils import uuidutils

from minova.compute.manager import ComputeManager
from minova.compute_api import schedule
from minova.context import RequestContext
from minova.db import migrate
from minova.db.api import Database
from minova.db.clock import utcnow
from minova.db.connection import engine
from minova.db.tables import instances
from minova.images import ImageDirectory
from minova.objects.flavor import Flavor
from minova.objects.host import Resources
from minova.objects.image import Image
from minova.objects.instance import Instance, NewInstance
from minova.virt.fake import FakeDriver
from minova.vocabulary.instance_actions import ALL, CREATE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests import tick_image
from tests.unit import one_process
from tests.unit.one_process import Cloud

HOST = "host-1"
NewServer = Callable[..., Instance]


def context(request_id: str | None = None, **values: Any) -> RequestContext:
    """The user demo of the project demo."""
    names = {"user_id": "demo", "project_id": "demo", "user_name": "demo"}
    return RequestContext(request_id=request_id, **(names | values))


def new_instance(name: str = "one", flavor: Flavor | None = None) -> NewInstance:
    nano = Flavor(flavorid="42", name="m1.nano", memory_mb=128, vcpus=1, root_gb=1)
    return NewInstance(
        uuid=uuidutils.generate_uuid(),
        display_name=name,
        hostname=name,
        reservation_id="r-1",
        image_ref=tick_image.TICK,
        flavor=flavor or nano,
        metadata={},
        key_name=None,
        user_data=None,
        config_drive=False,
        disk_config="MANUAL",
        access_ip_v4=None,
        access_ip_v6=None,
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A migrated database file to copy. A migration takes longer than a test."""
    path = tmp_path_factory.mktemp("db") / "minova.sqlite"
    fresh = engine.sqlite(sa.make_url(f"sqlite:///{path}"))
    migrate.sync(fresh)
    with fresh.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    fresh.dispose()
    return path


@pytest.fixture
def cloud(migrated: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[Cloud]:
    """All of minova in this process, without root, RabbitMQ or libvirt."""
    with one_process.running(tmp_path / "cloud", migrated) as running:
        yield running


@pytest.fixture
def sql(migrated: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[sa.Engine]:
    """The engine under ``db``, to look at rows and to change them directly."""
    path = tmp_path / "minova.sqlite"
    path.write_bytes(migrated.read_bytes())
    own = engine.sqlite(sa.make_url(f"sqlite:///{path}"), pool_size=64)
    yield own
    own.dispose()


@pytest.fixture
def db(sql: sa.Engine) -> Database:
    """A database with one living host that has room."""
    database = Database(sql)
    has = Resources(
        vcpus=8,
        memory_mb=8192,
        local_gb=100,
        hypervisor_type="fake",
        hypervisor_version=1,
        hypervisor_hostname=HOST,
    )
    database.service_report(HOST)
    database.compute_node_update(HOST, has, vcpus_limit=32, memory_mb_limit=7680)
    return database


@pytest.fixture
def driver() -> FakeDriver:
    return FakeDriver(HOST)


@pytest.fixture
def manager(db: Database, driver: FakeDriver, tmp_path: pathlib.Path) -> ComputeManager:
    return ComputeManager(HOST, db, driver, ImageDirectory(tmp_path / "images"))


@pytest.fixture
def new_server(
    db: Database, driver: FakeDriver, sql: sa.Engine, image: Image
) -> NewServer:
    """Return a function that makes a server in a state.

    For example ``new_server(VMState.PAUSED, TaskState.UNPAUSING)``. ``request_id`` is
    the request that claims a task, and ``started`` says whether a host has started the
    claim. The guest of the fake driver is in the state of its server.
    """

    def make(
        vm_state: VMState = VMState.ACTIVE,
        task_state: TaskState | None = None,
        *,
        request_id: str = "req-1",
        started: bool = False,
        guest: PowerState | None = None,
    ) -> Instance:
        created = db.instance_create(context(), new_instance(), schedule.rank, 60)
        power_state = {
            VMState.PAUSED: PowerState.PAUSED,
            VMState.STOPPED: PowerState.SHUTDOWN,
            VMState.SUSPENDED: PowerState.SHUTDOWN,
            VMState.SOFT_DELETED: PowerState.SHUTDOWN,
        }.get(vm_state, PowerState.RUNNING)
        with engine.to_write(sql) as connection, connection.begin():
            connection.execute(
                sa.update(instances)
                .where(instances.c.uuid == created.uuid)
                .values(
                    vm_state=vm_state,
                    task_state=None,
                    power_state=power_state,
                    claim_request_id=None,
                    claimed_at=None,
                    launched_at=None if vm_state is VMState.BUILDING else utcnow(),
                )
            )
        now = db.instance_get(created.uuid)
        assert now is not None
        driver.spawn(now, image)
        made = driver._guests[now.uuid]
        made.power_state = power_state if guest is None else guest
        made.is_saved = vm_state is VMState.SUSPENDED and guest is None
        if task_state is not None:
            _claim(db, now, task_state, request_id, started)
        claimed = db.instance_get(created.uuid)
        assert claimed is not None
        return claimed

    return make


def _claim(
    db: Database,
    instance: Instance,
    task_state: TaskState,
    request_id: str,
    started: bool,
) -> None:
    action = next(row for row in ALL if task_state in row.task_states)
    assert action is not CREATE
    assert db.instance_claim(context(request_id), instance.uuid, action)
    if started:
        assert db.instance_start(instance.uuid, request_id, [action], HOST)
        if task_state is not action.task_state:
            assert db.instance_move(instance.uuid, request_id, action, task_state)


@pytest.fixture
def image(tmp_path: pathlib.Path) -> Image:
    """An image of two empty files, in the image folder of ``manager``."""
    tick_image.put(tmp_path / "images")
    return ImageDirectory(tmp_path / "images").list()[0]
