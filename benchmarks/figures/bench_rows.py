# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The rows of ``bench.py``: each function measures figures of a running site."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Final

import libvirt

from benchmarks.figures.measuring import EMPTY, SUSPEND, Figure, cpu_seconds, p99, pss
from benchmarks.sites.one_host import Client, Site, at_once
from tests import real_servers

_ACTIONS: Final = (("pause", "PAUSED"), ("unpause", "ACTIVE"))
_TURNS: Final = 10
Figures = Iterator[Figure]
Server = tuple[Client, list[int]]
"""A client of an HTTP server, and the server's processes."""


def pauses(site: Site, uri: str, rounds: int) -> Figures:
    """Measure accept, end to end, and libvirt alone for the same guest.

    Some pauses come first and are not counted.  Meanwhile, the guests of a new site
    still boot, and the first pauses open threads and connections.
    """
    client, server_id = site.client, site.servers[0]
    domain = libvirt.open(uri).lookupByUUIDString(server_id)
    for _ in range(rounds // 4):
        _pause(client, server_id, domain)
    measured = [_pause(client, server_id, domain) for _ in range(rounds)]
    accept, end_to_end, bare = map(list, zip(*measured, strict=True))
    yield Figure(SUSPEND, statistics.median(bare))
    yield Figure("accept a pause, p50", statistics.median(accept), of=SUSPEND, aim=1.3)
    yield Figure("accept a pause, p99", p99(accept), of=SUSPEND, aim=4)
    yield Figure("end to end, p50", statistics.median(end_to_end), of=SUSPEND, aim=4)
    yield Figure("end to end, p99", p99(end_to_end), of=SUSPEND, aim=10)


def _pause(
    client: Client, server_id: str, domain: libvirt.virDomain
) -> tuple[float, float, float]:
    """Return the milliseconds of accept, end to end, and the bare suspend."""
    began = time.perf_counter()
    client.act(server_id, "pause")
    accept = (time.perf_counter() - began) * 1000
    client.wait_for(server_id, "PAUSED")
    end_to_end = (time.perf_counter() - began) * 1000
    client.act(server_id, "unpause")
    client.wait_for(server_id, "ACTIVE")
    bare = _milliseconds(domain.suspend)
    domain.resume()
    # n-cpu handles libvirt's events of these two calls.  Wait until it is done.
    time.sleep(0.02)
    return accept, end_to_end, bare


def pauses_at_once(site: Site, rounds: int) -> Figures:
    """Pause all servers at the same time, with one client for each."""
    taken: list[float] = []

    def work(number: int, client: Client) -> None:
        server_id = site.servers[number]
        began = time.perf_counter()
        client.act(server_id, "pause")
        client.wait_for(server_id, "PAUSED")
        taken.append((time.perf_counter() - began) * 1000)
        client.act(server_id, "unpause")
        client.wait_for(server_id, "ACTIVE")

    for _ in range(rounds):
        at_once(len(site.servers), site.cluster.port, work)
    name = f"end to end, {len(site.servers)} at once, p50"
    yield Figure(name, statistics.median(taken), of=SUSPEND, aim=20)


def watched_pauses(site: Site, rounds: int) -> Figures:
    """Measure the CPU of an action whose client shows the server every 50 ms."""
    own, beside = cpu_seconds(site.own()), cpu_seconds(site.beside)
    for number in range(rounds):
        action, status = _ACTIONS[number % 2]
        site.client.act(site.servers[0], action)
        time.sleep(0.05)
        site.client.wait_for(site.servers[0], status, 0.05)
    own = (cpu_seconds(site.own()) - own) * 1000 / rounds
    beside = (cpu_seconds(site.beside) - beside) * 1000 / rounds
    yield Figure("a watched pause, n-api and n-cpu", own, "ms of CPU", aim=8)
    yield Figure("a watched pause, RabbitMQ and database", beside, "ms of CPU")


def shows(site: Site, empty: Server, rounds: int, seconds: float) -> Figures:
    """Measure shows, and the empty resource in turns with them.

    The machine's speed changes within seconds. So a yardstick that is measured before
    or after may be 50 % too high or too low.
    """
    path = f"/servers/{site.servers[0]}"
    of_empty, of_show = _Gets(*empty, "/empty"), _Gets(*_api(site), path)
    for _ in range(_TURNS):
        of_empty.measure(rounds)
        of_show.measure(rounds)
    yield Figure(EMPTY, of_empty.cpu, "ms of CPU")
    yield Figure(f"{EMPTY}, p50", statistics.median(of_empty.times))
    yield from of_show.figures("show", cpu=3, p50=2)
    yield _eight_clients(site, "show", path, seconds, aim=800)


def lists(site: Site, rounds: int, seconds: float) -> Figures:
    name, path = f"list of {min(50, len(site.servers))}", "/servers/detail?limit=50"
    of_list = _Gets(*_api(site), path)
    of_list.measure(rounds)
    yield from of_list.figures(name, cpu=None, p50=8)
    yield _eight_clients(site, name, path, seconds, aim=150)


def _api(site: Site) -> Server:
    return site.client, site.cluster.api_processes()


class _Gets:
    """A GET that is sent again and again, by one client.

    Attributes:
        times: milliseconds until each answer.
    """

    def __init__(self, client: Client, pids: list[int], path: str) -> None:
        self._client = client
        self._pids = pids
        self._path = path
        self._seconds = 0.0
        self.times: list[float] = []

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU that the server takes for one GET."""
        return self._seconds * 1000 / len(self.times)

    def measure(self, rounds: int) -> None:
        before = cpu_seconds(self._pids)
        for _ in range(rounds):
            self.times.append(_milliseconds(lambda: self._client.get(self._path)))
        self._seconds += cpu_seconds(self._pids) - before

    def figures(self, name: str, *, cpu: float | None, p50: float) -> Figures:
        yield Figure(f"{name}, CPU", self.cpu, "ms of CPU", of=EMPTY, aim=cpu)
        yield Figure(f"{name}, p50", statistics.median(self.times), aim=p50)


def _eight_clients(
    site: Site, name: str, path: str, seconds: float, aim: float
) -> Figure:
    answered = [0] * 8

    def work(number: int, client: Client) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            client.get(path)
            answered[number] += 1

    at_once(8, site.cluster.port, work)
    rate = sum(answered) / seconds
    return Figure(f"{name}, 8 clients", rate, "a second", aim=aim, more_is_better=True)


def rate_of_actions(site: Site, clients: int, seconds: float) -> Figures:
    """Count accepted pauses and unpauses.  Each client has its own servers."""
    accepted = [0] * clients

    def work(number: int, client: Client) -> None:
        mine = dict.fromkeys(site.servers[number::clients], 0)
        until = time.monotonic() + seconds
        while mine and time.monotonic() < until:
            for server_id, done in mine.items():
                action, _status = _ACTIONS[done % 2]
                path = f"/servers/{server_id}/action"
                # The answer is 409 while the host still runs the last action.
                if client.ask("POST", path, {action: None})[0] == 202:
                    mine[server_id] += 1
                    accepted[number] += 1
        for server_id, done in mine.items():
            if done % 2:
                client.wait_for(server_id, "PAUSED", 0.05)

    began = time.monotonic()
    at_once(clients, site.cluster.port, work)
    late = time.monotonic() - began - seconds
    name = f"pauses and unpauses, {clients} clients, {len(site.servers)} servers"
    rate = sum(accepted) / seconds
    yield Figure(name, rate, "a second", aim=200, more_is_better=True)
    yield Figure("until the last action is done", late, "s", aim=2)
    memory = sum(pss(pid) for pid in site.own())
    yield Figure(
        f"memory (PSS) of n-api and n-cpu after {sum(accepted)} actions",
        memory,
        "MiB",
        aim=180,
    )


def starts(site: Site, rounds: int) -> Figures:
    """Measure how long each daemon takes to start.  The fastest start counts."""
    cluster = site.cluster
    answers, consumes = [], []
    for _ in range(rounds):
        cluster.stop_api()
        cluster.stop_host()
        consumes.append(_milliseconds(cluster.start_host) / 1000)

        def start_api() -> None:
            cluster.start_api()
            real_servers.wait_until(
                lambda: Client(cluster.port).ask("GET", "/")[0] == 200, 60, "answers"
            )

        answers.append(_milliseconds(start_api) / 1000)
    yield Figure("n-api's first answer", min(answers), "s", aim=1)
    yield Figure("n-cpu consuming", min(consumes), "s", aim=2)


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
