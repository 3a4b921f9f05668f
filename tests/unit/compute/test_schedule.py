# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Room on hosts is allocated once, and given back by a delete."""

from concurrent import futures

from minova import exception
from minova.compute_api import schedule
from minova.db.api import Database
from minova.objects.flavor import Flavor
from minova.objects.host import HostState, Resources
from minova.objects.instance import Instance
from minova.objects.instance_filter import InstanceFilter
from minova.vocabulary.instance_actions import DELETE
from minova.vocabulary.power_state import PowerState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import HOST, NewServer, context, new_instance

NANO = Flavor(flavorid="42", name="m1.nano", memory_mb=128, vcpus=1, root_gb=1)


def _host(name: str, *, memory_used: int = 0, vcpus_used: int = 0) -> HostState:
    return HostState(
        host=name,
        vcpus_limit=8,
        vcpus_used=vcpus_used,
        memory_mb_limit=1024,
        memory_mb_used=memory_used,
    )


def test_the_emptiest_host_comes_first() -> None:
    hosts = [_host("a", memory_used=512), _host("b"), _host("c", memory_used=128)]

    assert [host.host for host in schedule.rank(hosts, NANO)] == ["b", "c", "a"]


def test_a_host_without_room_is_not_tried() -> None:
    hosts = [_host("a", memory_used=897), _host("b", vcpus_used=8), _host("c")]

    assert [host.host for host in schedule.rank(hosts, NANO)] == ["c"]


def test_twenty_creates_at_once_and_room_for_seven(db: Database) -> None:
    has = Resources(
        vcpus=8,
        memory_mb=8192,
        local_gb=1,
        hypervisor_type="fake",
        hypervisor_version=1,
        hypervisor_hostname=HOST,
    )
    db.compute_node_update(HOST, has, vcpus_limit=20, memory_mb_limit=7 * 128 + 100)

    def create(number: int) -> Instance | None:
        new = new_instance(f"server-{number}")
        try:
            return db.instance_create(context(), new, schedule.rank, 60)
        except exception.NoValidHost:
            return None

    with futures.ThreadPoolExecutor(20) as pool:
        servers = list(pool.map(create, range(20)))

    placed = [server for server in servers if server is not None]
    assert len(placed) == 7
    assert {(server.host, server.vm_state) for server in placed} == {
        (HOST, VMState.BUILDING)
    }
    assert len(db.instance_list(InstanceFilter(), 20)) == 7


def test_a_delete_gives_the_room_back(db: Database, new_server: NewServer) -> None:
    servers = [new_server() for _ in range(3)]
    request = context()
    assert db.instance_claim(request, servers[0].uuid, DELETE)
    db.instance_start(servers[0].uuid, str(request.request_id), [DELETE], HOST)

    db.instance_finish(
        servers[0].uuid, str(request.request_id), DELETE, PowerState.NOSTATE
    )

    assert _memory_used(db) == 2 * 128


def test_an_undelivered_create_gives_the_room_back(db: Database) -> None:
    request = context()
    server = db.instance_create(request, new_instance(), schedule.rank, 60)
    assert _memory_used(db) == 128

    assert db.instance_discard(server.uuid, str(request.request_id))

    assert _memory_used(db) == 0
    assert db.instance_get(server.uuid) is None


def _memory_used(db: Database) -> int:
    from minova.db.hosts import room as hosts  # noqa: PLC0415

    with db._read() as connection:
        (state,) = hosts.host_states(connection, 60)
    return state.memory_mb_used
