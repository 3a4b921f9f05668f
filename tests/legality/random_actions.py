# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Random sequences of actions on several servers at once, with checks after each.

The sequences are the same in each run. Only the order of simultaneous requests is left
to chance. A failure prints its sequence. Hypothesis does not shrink it, because that
would take longer than everything else.
"""

import dataclasses
import itertools
from collections.abc import Callable
from concurrent import futures
from typing import Any, Final, Protocol

import hypothesis
from hypothesis import stateful
from hypothesis import strategies as st

from tests import history
from tests.legality.nova import NOVA, Legality
from tests.real_servers import wait_until
from tests.tick_image import TICK

_FLAVORS: Final = ("42", "1")
_MOST: Final = 5
"""Servers that exist at a time."""
_AT_ONCE: Final = 4
"""Simultaneous requests."""
_WITHIN: Final = 30
"""Seconds within which a server must be at rest again."""
# No delete is deferred here: deleted servers must be gone from all sums.
_ENTRIES: Final = {
    entry.name: entry
    for entry in NOVA
    if entry.name != "soft delete" and (entry.is_offered or entry.name == "delete")
}
_ACTIONS: Final = [
    name
    for name, entry in _ENTRIES.items()
    if not entry.is_in_place and entry.says is None
]
_RESETS: Final = [name for name in _ENTRIES if name.startswith("reset to")]
_DELETES: Final = [name for name in _ACTIONS if name.lower().endswith("delete")]
_POWER_STATE: Final = {
    "active": 1,
    "paused": 3,
    "suspended": 4,
    "stopped": 4,
    "rescued": 1,
    "soft-delete": 4,
}
_HAS_THE_FLAVOR: Final = ("resize", 400)
_OFF_IS_STOPPED: Final = ("active", "paused")


class Site(Protocol):
    """A cluster, or a cloud in this process."""

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = ...,
        version: str = ...,
    ) -> Any: ...


@dataclasses.dataclass(slots=True)
class Server:
    """The test's knowledge of a server.

    Attributes:
        vm_state: its state at rest; ``deleted`` once it is gone.
        is_known: whether its guest agrees with its state. It may not if somebody set
            the state by hand.
        was_reset: whether somebody ever set the state by hand.
        accepted: the ids of its requests except deletes. Of several deletes, only one
            is recorded.
    """

    id: str
    vm_state: str = "active"
    is_known: bool = True
    was_reset: bool = False
    accepted: list[str] = dataclasses.field(default_factory=list)


class RandomActions(stateful.RuleBasedStateMachine):
    """One run. A subclass says against which site.

    Attributes:
        power_off: ends a guest without minova; None where that is impossible.
    """

    site: Site
    power_off: Callable[[str], None] | None

    def __init__(self) -> None:
        super().__init__()
        self.servers: list[Server] = []
        self._names = itertools.count()
        self._empty = self._used()

    @stateful.rule(flavor=st.sampled_from(_FLAVORS))
    def create(self, flavor: str) -> None:
        """Create a server, unless there are enough.

        The rules must not depend on the servers, because the random choices must be the
        same in each run.
        """
        if len(self.living()) == _MOST:
            return
        body = {"name": f"r{next(self._names)}", "imageRef": TICK, "flavorRef": flavor}
        answer = self.site.ask("POST", "/servers", {"server": body})
        assert answer.status_code == 202, answer.text
        server = Server(_json(answer)["server"]["id"])
        server.accepted.append(answer.headers["X-Compute-Request-Id"])
        self.servers.append(server)

    @stateful.rule(which=st.integers(0, _MOST), name=st.sampled_from(_ACTIONS))
    def act(self, which: int, name: str) -> None:
        """Ask for one action, whose answer and end in Nova are known."""
        server, entry = self._one(which), _ENTRIES[name]
        before = server.vm_state
        refusal = entry.refusal(server.id, before, None)
        status, text = self._ask(server, entry)
        if refusal is not None:
            assert (status, refusal in text) == (409, True), (before, status, text)
            return
        if (name, status) == _HAS_THE_FLAVOR:
            return
        assert status == entry.status, (before, status, text)
        self._see_at_rest(server)
        if server.is_known:
            ends = {entry.end(before)}
            # It is stopped again if it was stopped before its resize.
            ends |= {"stopped"} if before == "resized" else set()
            assert server.vm_state in ends, (name, before, server)
        elif name == "reboot HARD" and server.vm_state == "active":
            server.is_known = True

    @stateful.rule(
        asked=st.lists(
            st.tuples(st.integers(0, 1), st.sampled_from(_ACTIONS + _RESETS)),
            min_size=2,
            max_size=_AT_ONCE,
        )
    )
    def act_at_once(self, asked: list[tuple[int, str]]) -> None:
        """Ask for several actions of one or two servers at the same time."""
        each = [(self._one(which), _ENTRIES[name]) for which, name in asked]
        with futures.ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(self._ask, *zip(*each, strict=True)))
        for (_server, entry), (status, text) in zip(each, answers, strict=True):
            is_right = status in {entry.status, 404, 409}
            assert is_right or (entry.name, status) == _HAS_THE_FLAVOR, (entry, text)

    @stateful.rule(which=st.integers(0, _MOST), name=st.sampled_from(_RESETS))
    def reset(self, which: int, name: str) -> None:
        status, text = self._ask(self._one(which), _ENTRIES[name])
        assert status == 202, text

    @stateful.rule(which=st.integers(0, _MOST))
    def end_guest(self, which: int) -> None:
        """The server of a guest that went off by itself is stopped."""
        server = self._one(which)
        if self.power_off and server.is_known and server.vm_state in _OFF_IS_STOPPED:
            self.power_off(server.id)
            self._see_at_rest(server, "stopped")

    @stateful.invariant()
    def hold(self) -> None:
        """No server is stuck, and each sum is right."""
        for server in self.living():
            self._see_at_rest(server)
        self._see_the_sums()

    def teardown(self) -> None:
        """Check that the servers leave only their records."""
        for server in self.living():
            status, text = self._ask(server, _ENTRIES[_DELETES[-1]])
            assert status in {202, 204}, text
        for server in self.servers:
            self._see_at_rest(server, "deleted")
            self._see_the_records(server)
        assert self._used() == self._empty

    def living(self) -> list[Server]:
        return [server for server in self.servers if server.vm_state != "deleted"]

    def _one(self, which: int) -> Server:
        if not self.living():
            self.create(_FLAVORS[0])
            self._see_at_rest(self.servers[-1])
        living = self.living()
        return living[which % len(living)]

    def _ask(self, server: Server, entry: Legality) -> tuple[int, str]:
        """Send a request and remember it if it is accepted.

        Return status and message.
        """
        path, token = f"/servers/{server.id}", "admin" if entry.admin else "demo:demo"
        if entry.ask is None:
            answer = self.site.ask("DELETE", path, token=token)
        else:
            answer = self.site.ask(
                "POST", f"{path}/action", entry.ask, token=token, version=entry.since
            )
        if answer.status_code == entry.status:
            if entry.name in _RESETS:
                server.is_known = False
                server.was_reset = True
            elif entry.name not in _DELETES:
                server.accepted.append(answer.headers["X-Compute-Request-Id"])
        return answer.status_code, answer.text

    def _see_at_rest(self, server: Server, vm_state: str | None = None) -> None:
        """Wait until a server is at rest, then check that its row and guest agree."""

        def look() -> dict[str, Any]:
            answer = self.site.ask("GET", f"/servers/{server.id}", token="admin")
            gone = {"OS-EXT-STS:vm_state": "deleted", "OS-EXT-STS:task_state": None}
            return gone if answer.status_code == 404 else _json(answer)["server"]

        def is_at_rest() -> bool:
            shown = look()
            return not shown["OS-EXT-STS:task_state"] and (
                vm_state in (None, shown["OS-EXT-STS:vm_state"])
            )

        wait_until(is_at_rest, _WITHIN, f"{server} is at rest")
        shown = look()
        server.vm_state = shown["OS-EXT-STS:vm_state"]
        if server.is_known and server.vm_state != "deleted":
            power_state = shown["OS-EXT-STS:power_state"]
            assert server.vm_state != "error", shown.get("fault")
            assert power_state == _POWER_STATE.get(server.vm_state, power_state), shown
            self._see_the_guest(server)

    def _see_the_guest(self, server: Server) -> None:
        """Diagnostics are available exactly if the guest runs."""
        path = f"/servers/{server.id}/diagnostics"
        answer = self.site.ask("GET", path, token="admin")
        runs = _POWER_STATE.get(server.vm_state) == 1
        if server.vm_state in _POWER_STATE:
            assert (answer.status_code == 200) is runs, (server, answer.text)

    def _see_the_records(self, server: Server) -> None:
        """Each accepted request is recorded once. They end one after the other."""
        path = f"/servers/{server.id}/os-instance-actions"
        listed = self._admin(path, "2.84")["instanceActions"]
        ids = [record["request_id"] for record in listed]
        records = [
            self._admin(f"{path}/{request_id}", "2.84")["instanceAction"]
            for request_id in reversed(ids)
        ]
        records = [one for one in records if one["action"] != "resetState"]
        assert set(server.accepted) <= set(ids), (server, records)
        assert len(ids) == len(set(ids)), records
        if server.was_reset:
            history.see_one_at_a_time(records)
        else:
            history.see_it_linear(records)

    def _see_the_sums(self) -> None:
        """The counts of hosts and quotas agree with the servers."""
        listed = self._admin("/servers/detail?all_tenants=1", "2.47")["servers"]
        flavors = [server["flavor"] for server in listed]
        sums = {
            "instances": len(flavors),
            "cores": sum(flavor["vcpus"] for flavor in flavors),
            "ram": sum(flavor["ram"] for flavor in flavors),
            "disk": sum(flavor["disk"] for flavor in flavors),
        }
        # Until a resize is confirmed, the old flavor keeps its room.
        if not any(server["OS-EXT-STS:vm_state"] == "resized" for server in listed):
            now = self._used()
            used = {name: now[name] - self._empty[name] for name in now}
            assert used == {f"host {name}": amount for name, amount in sums.items()} | {
                f"quota {name}": sums[name] for name in ("instances", "cores", "ram")
            }

    def _used(self) -> dict[str, int]:
        hosts = self._admin("/os-hypervisors/detail", "2.1")["hypervisors"]
        quota = self._admin("/os-quota-sets/demo/detail", "2.1")["quota_set"]
        of_hosts = {
            "instances": "running_vms",
            "cores": "vcpus_used",
            "ram": "memory_mb_used",
            "disk": "local_gb_used",
        }
        return {
            f"host {name}": sum(host[column] for host in hosts)
            for name, column in of_hosts.items()
        } | {
            f"quota {name}": quota[name]["in_use"]
            for name in ("instances", "cores", "ram")
        }

    def _admin(self, path: str, version: str) -> Any:
        answer = self.site.ask("GET", path, token="admin", version=version)
        assert answer.status_code == 200, answer.text
        return _json(answer)


def _json(answer: Any) -> Any:
    """In Falcon's answer, ``json`` is an attribute; in that of requests, a method."""
    return answer.json() if callable(answer.json) else answer.json


def play(
    site: Site,
    runs: int,
    steps: int,
    power_off: Callable[[str], None] | None = None,
) -> None:
    """Play a number of sequences, the same in each run."""
    here = {"site": site, "power_off": staticmethod(power_off) if power_off else None}
    machine = type("Here", (RandomActions,), here)
    stateful.run_state_machine_as_test(
        machine,
        settings=hypothesis.settings(
            max_examples=runs,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
