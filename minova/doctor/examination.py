# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One examination: runs every look with a time limit, then combines the results."""

import functools
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

from oslo_config import cfg

from minova.client.cloud import Cloud
from minova.db.instances.claimed import AgedClaim
from minova.doctor import bounded, deployment
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding, NotLooked, Report, Said, finding
from minova.doctor.looks import claims, database, drift, hosts, machine
from minova.doctor.looks.asked import Asked
from minova.doctor.looks.broker import Broker
from minova.doctor.looks.claims import ClaimSeen
from minova.doctor.looks.database import Opened, Rows
from minova.doctor.looks.hosts import HostSeen, Times
from minova.doctor.looks.hypervisor import Hypervisor
from minova.objects.host import Service
from minova.rpc import inspection
from minova.vocabulary.guest_state import GuestState

_QUEUES_WITHIN = 3.0  # seconds


class Examination:
    """Runs all looks and collects their findings.

    Attributes:
        deployment: None if its configuration cannot be read, so only n-api is asked.
        database: None unless it answers and has the right tables.
    """

    def __init__(
        self,
        cloud: Cloud,
        file: pathlib.Path | None,
        management_url: str | None,
        *,
        is_guess: bool = False,
    ) -> None:
        """Read the configuration, but look at nothing yet.

        Args:
            is_guess: the user named no cloud, so there may be none.
        """
        self.report = Report()
        self.asked = Asked(cloud, is_guess=is_guess)
        self.deployment: Deployment | None = None
        self.database: Opened | None = None
        self.broker: Broker | None = None
        self.guests: dict[str, GuestState | None] = {}
        self._rows: Rows | None = None
        self._hypervisor: Hypervisor | None = None
        self._management_url = management_url
        read = deployment.read(file)
        if isinstance(read, Deployment):
            self.deployment = read
        else:
            self.report.add([read])

    def run(self) -> Report:
        """Look at everything. This takes some seconds if several parts are away."""
        looks: dict[str, Callable[[], Any]] = {"n-api": self._collect(self.asked.look)}
        if self.deployment is not None:
            looks |= self._looks(self.deployment)
        for name, said in bounded.run(looks).items():
            self.report.add(self._heard(name, said))
        if self.deployment is not None:
            self._look_at_hosts_here(self.deployment)
        else:
            self.report.add(hosts.look_from_outside(self.hosts))
        self.report.add(hosts.look(self.hosts, self.report, self.deployment))
        if self.hosts_are_known and not self.hosts:
            start = deployment.command("start", "n-cpu")
            self.report.add([finding("no-host", start=start)])
        if self.deployment is not None:
            self._look_at_queues(self.deployment)
            self._look_at_drift(self.deployment)
        self.report.add(self._look_at_claims())
        self.report.sort()
        return self.report

    @property
    def hosts(self) -> list[HostSeen]:
        """The hosts, from the database if possible, else from n-api."""
        if self._rows is not None:
            now = self._rows.now
            return [_host(service, now) for service in self._rows.services]
        return self.asked.hosts or []

    @property
    def hosts_are_known(self) -> bool:
        return self._rows is not None or self.asked.hosts is not None

    @property
    def claims(self) -> list[ClaimSeen]:
        """The claims, from the database if possible, else from n-api."""
        if self._rows is not None:
            return [of_row(claim) for claim in self._rows.claims]
        return self.asked.claims

    @property
    def times(self) -> Times:
        return hosts.times(self.deployment)

    def _looks(self, deployed: Deployment) -> dict[str, Callable[[], Any]]:
        hypervisor = self._hypervisor = Hypervisor(deployed)
        looks: dict[str, Callable[[], Any]] = {
            "database": functools.partial(database.look, deployed),
            "disk": self._collect(
                functools.partial(machine.look, machine.folders(deployed.conf))
            ),
        }
        if (why_not := hypervisor.cannot_look()) is not None:
            self.report.add([why_not])
        else:
            looks["libvirt"] = self._collect(hypervisor.look)
        try:
            self.broker = Broker(deployed, self._management_url)
        except cfg.Error as error:
            self.report.add([deployed.wrong(error)])
        else:
            looks["RabbitMQ"] = self._collect(self.broker.look)
        return looks

    def _heard(self, name: str, said: Any) -> list[Said]:
        """Return the results of a look, or what its error or delay means."""
        if isinstance(said, bounded.Late):
            return [self._late(name)]
        if isinstance(said, database.Looked):
            self.database, self._rows = said.opened, said.rows
            return said.said
        if isinstance(said, Exception):
            return [NotLooked(name, f"{type(said).__name__}: {said}")]
        found: list[Said] = said
        return found

    def _late(self, name: str) -> Said:
        assert self.deployment is not None or name == "n-api"
        match name:
            case "n-api":
                return self.asked.late()
            case "database" if self.deployment is not None:
                return database.silent(self.deployment)
            case "libvirt" if self._hypervisor is not None:
                return self._hypervisor.silent()
        return NotLooked(name, f"it took longer than {bounded.LIMIT:g} s")

    def _look_at_hosts_here(self, deployed: Deployment) -> None:
        mine = {host.host for host in self.hosts}
        # If the hosts are unknown, rely on the lock file alone.
        is_host = deployed.conf.host in mine or not self.hosts_are_known
        self.report.add(hosts.look_here(deployed, is_host))

    def _look_at_queues(self, deployed: Deployment) -> None:
        broker = self.broker
        if broker is None or broker.node is None:
            return
        names = [host.host for host in self.hosts] or [deployed.conf.host]
        known = names if self.hosts_are_known else []
        looks: dict[str, Callable[[], Any]] = {
            "queues": functools.partial(broker.look_at_queues, names),
            "management": self._collect(
                functools.partial(broker.look_at_management, known)
            ),
        }
        found = bounded.run(looks, _QUEUES_WITHIN)
        if isinstance(found["queues"], OSError | inspection.Refused | bounded.Late):
            why = "RabbitMQ stopped answering"
            self.report.add([NotLooked("queues of hosts", why)])
        self.report.add(self._heard("management API", found["management"]))
        waiting = hosts.look_at_queues(
            broker.waiting, self.hosts, self.report, deployed
        )
        self.report.add(list(waiting))

    def _look_at_drift(self, deployed: Deployment) -> None:
        guests = None if self._hypervisor is None else self._hypervisor.guests
        if guests is None:
            return
        self.guests = {guest.uuid: guest.state for guest in guests.values()}
        if self._rows is not None:
            here = self._rows.here
            for server in here:
                self.guests.setdefault(server.uuid, GuestState.GONE)
            self.report.add(drift.look(deployed.conf, here, guests))

    def _look_at_claims(self) -> Iterator[Finding]:
        gone = {
            each.values["host"]
            for each in self.report.findings
            if each.kind.name in {"n-cpu-stopped", "n-cpu-frozen", "host-down"}
        }
        there: set[str | None] = {host.host for host in self.hosts if host.is_up}
        if not self.hosts_are_known:
            # A caller who may not see hosts cannot tell which are away.
            there = {claim.host for claim in self.claims}
        return claims.look(
            self.claims,
            there=there - gone,
            waiting=self.broker.waiting if self.broker else {},
            guests=self.guests,
            times=self.times,
            starts={
                host: hosts.start_of(host, self.deployment)
                for host in {str(claim.host) for claim in self.claims}
            },
        )

    def _collect(self, look: Callable[[], Iterator[Said]]) -> Callable[[], list[Said]]:
        return lambda: list(look())


def of_row(claim: AgedClaim) -> ClaimSeen:
    server = claim.instance
    return ClaimSeen(
        server=server.uuid,
        host=server.host,
        vm_state=server.vm_state,
        task_state=str(server.task_state),
        action=claim.action,
        request=str(server.claim_request_id),
        age=claim.age,
        begun=claim.begun,
    )


def _host(service: Service, now: Any) -> HostSeen:
    seen = service.last_seen_up
    return HostSeen(
        host=service.host,
        is_up=service.alive,
        silent_for=None if seen is None else (now - seen).total_seconds(),
        is_forced_down=service.forced_down,
        disabled=(service.disabled_reason or "no reason is given")
        if service.disabled
        else None,
    )
