# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Where each accepted action leads, with libvirt's test driver.

The test brings one server for each case to its state. Then it freezes the host,
requests all actions, and lets the host continue. So an action takes a server over
before the host has started the earlier claim.
"""

import dataclasses
import functools
import itertools
import os
import pathlib
import signal
from collections.abc import Iterator
from concurrent import futures

from tests import history
from tests.cluster import Cluster
from tests.legality import walks
from tests.legality.nova import OFFERED, TASK_STATES, VM_STATES, Legality
from tests.real_servers import RabbitMQ, freeze

POWER_STATE = {
    "active": 1,
    "paused": 3,
    "suspended": 4,
    "stopped": 4,
    "rescued": 1,
    "soft-delete": 4,
}
"""The power state that Nova shows. A state that is not listed may have any."""
# If there are two deletes, the first one is recorded.
_ANY_TASK = [task for task in TASK_STATES if not task.endswith("deleting")]


@dataclasses.dataclass(slots=True)
class Case:
    """One action from one pair of states."""

    entry: Legality
    vm_state: str
    task_state: str | None
    server_id: str = ""
    request_id: str = ""

    def __str__(self) -> str:
        return f"{self.entry} from {self.vm_state}, {self.task_state}"


def cases() -> Iterator[Case]:
    """Yield every pair from which an action is accepted.

    An action that may take over any task has one case for each task, from some state.
    """
    states = itertools.cycle(VM_STATES)
    for entry in OFFERED:
        if entry.is_in_place or entry.says:
            continue
        for vm_state in filter(entry.end, VM_STATES):
            yield Case(entry, vm_state, None)
            for task in () if entry.over == "any" else entry.over:
                yield Case(entry, vm_state, task)
        for task in _ANY_TASK if entry.over == "any" else ():
            yield Case(entry, next(states), task)


def test_accepted_actions_lead_where_novas_do(
    rabbitmq: RabbitMQ, tmp_path: pathlib.Path
) -> None:
    cluster = Cluster(
        tmp_path, rabbitmq.new_vhost(), f"sqlite:///{tmp_path}/minova.sqlite"
    )
    cluster.migrate()
    every = list(cases())

    def lead(case: Case) -> None:
        case.server_id = walks.lead(cluster, str(case), case.vm_state)

    def ask(case: Case) -> None:
        case.server_id = case.server_id or walks.leave_building(cluster, str(case))
        if (case.vm_state, case.task_state) != ("building", "spawning"):
            walks.arrive(cluster, case.server_id, case.vm_state, case.task_state)
        answer = walks.ask(cluster, case.server_id, case.entry)
        assert answer.status_code == case.entry.status, f"{case}: {answer.text}"
        case.request_id = answer.headers["X-Compute-Request-Id"]

    try:
        cluster.start_host(consumes_within=60, **walks.OPTIONS)
        cluster.start_api(**walks.OPTIONS)
        *_, worker = cluster.host_processes()
        with futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lead, every))
            freeze(worker)
            list(pool.map(ask, every))
            os.kill(worker, signal.SIGCONT)
            ends = pool.map(functools.partial(end_of, cluster), every)
            wrong = [said for said in ends if said is not None]
    finally:
        cluster.stop()
    assert not wrong, "\n".join(wrong)


def end_of(cluster: Cluster, case: Case) -> str | None:
    """Return the difference from Nova after an action has ended, if there is one."""
    end = str(case.entry.end(case.vm_state))
    try:
        walks.wait_for(cluster, case.server_id, end)
    except TimeoutError as late:
        return f"{case}: {late} {late.__notes__}"
    record = cluster.record(case.server_id, case.request_id, "2.21")
    if history.result_of(record) != "Success":
        return f"{case}: {record}"
    if end == "deleted":
        return None
    power_state = cluster.show(case.server_id)["OS-EXT-STS:power_state"]
    if power_state != POWER_STATE.get(end, power_state):
        return f"{case}: power_state {power_state}"
    return None
