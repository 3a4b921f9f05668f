# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Asks n-api as a normal client for hosts and for servers that have a task."""

import datetime
import http
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib import parse

from minova.client.cloud import Cloud, Refused
from minova.doctor import bounded
from minova.doctor.deployment import command
from minova.doctor.findings import Finding, NotLooked, Said, Seen, finding
from minova.doctor.looks.claims import ClaimSeen
from minova.doctor.looks.hosts import HostSeen

_CLAIMS: Final = 20
"""How many servers with a task are looked up one by one, at most."""
_ADMIN: Final = "--os-cloud NAME, where NAME is a cloud in which you are admin"


class Asked:
    """A cloud and its answers.

    Attributes:
        answers: whether n-api answered at all.
        hosts: None if n-api did not show them.
        claims: the claims of the servers that n-api showed.
    """

    def __init__(self, cloud: Cloud, *, is_guess: bool = False) -> None:
        """Ask nothing yet.

        Args:
            is_guess: the user named no cloud, so a missing cloud is no fault.
        """
        self._cloud = cloud
        self._is_guess = is_guess
        self.answers = False
        self.hosts: list[HostSeen] | None = None
        self.claims: list[ClaimSeen] = []

    def look(self) -> Iterator[Said]:
        """Ask for the version, which needs no database, then for hosts and claims."""
        try:
            version = ".".join(map(str, self._cloud.version))
            url = self._cloud.url
        except Refused as error:
            yield self._not_there(error)
            return
        self.answers = True
        yield Seen("n-api", f"{url} answers, version {version}")
        for question in (self._ask_for_hosts, self._ask_for_claims):
            try:
                yield from question()
            except Refused as error:
                yield self._refused(error)
                if error.status == http.HTTPStatus.SERVICE_UNAVAILABLE:
                    return

    def late(self) -> Finding:
        """Make the finding for an n-api that did not answer in time."""
        limit = f"{bounded.LIMIT:g}"
        if self.answers:
            why = f"no answer within {limit} s"
            return finding("api-unavailable", url=self._cloud.found, why=why)
        return finding(
            "api-silent",
            url=self._cloud.found,
            limit=limit,
            restart=command("restart", "n-api"),
        )

    def server(self, wanted: str) -> list[dict[str, Any]]:
        """Return the servers with this id or name, as n-api shows them.

        Raises:
            Refused: n-api does not say.
        """
        try:
            return [self._show(wanted)]
        except Refused as error:
            if error.status != http.HTTPStatus.NOT_FOUND:
                raise
        # n-api takes a name as a regular expression.
        listed = self._list(f"&name={parse.quote(re.escape(wanted))}")
        return [server for server in listed if server["name"] == wanted]

    def records(self, server_id: str) -> list[dict[str, Any]]:
        """Return a server's last five accepted requests, newest first, with events.

        Raises:
            Refused: n-api does not say.
        """
        path = f"/servers/{server_id}/os-instance-actions"
        listed = self._cloud.compute("GET", path)["instanceActions"][:5]
        return [
            self._cloud.compute("GET", f"{path}/{each['request_id']}")["instanceAction"]
            for each in listed
        ]

    def claim(self, server: dict[str, Any]) -> ClaimSeen:
        """Return the claim of a server that has a task.

        Raises:
            Refused: n-api does not say.
        """
        newest = next(iter(self.records(server["id"])), None) or {}
        events = newest.get("events") or ()
        began = events[0]["start_time"] if events else None
        return ClaimSeen(
            server=server["id"],
            host=server.get("OS-EXT-SRV-ATTR:host"),
            vm_state=server["OS-EXT-STS:vm_state"],
            task_state=server["OS-EXT-STS:task_state"],
            action=newest.get("action"),
            request=newest.get("request_id", ""),
            age=seconds_since(newest.get("start_time") or server["updated"]) or 0,
            begun=seconds_since(began),
        )

    def _ask_for_hosts(self) -> Iterator[Said]:
        try:
            services = self._cloud.compute("GET", "/os-services")["services"]
        except Refused as error:
            if error.status != http.HTTPStatus.FORBIDDEN:
                raise
            yield NotLooked("compute hosts", "only an admin may see them", _ADMIN)
            return
        self.hosts = [
            _host(each) for each in services if each["binary"] == "nova-compute"
        ]

    def _ask_for_claims(self) -> Iterator[Said]:
        busy = [each for each in self._list() if each.get("OS-EXT-STS:task_state")]
        self.claims = [self.claim(server) for server in busy[:_CLAIMS]]
        yield from ()

    def _show(self, server_id: str) -> dict[str, Any]:
        path = f"/servers/{parse.quote(server_id, safe='')}"
        shown: dict[str, Any] = self._cloud.compute("GET", path)["server"]
        return shown

    def _list(self, query: str = "") -> list[dict[str, Any]]:
        try:
            path = f"/servers/detail?all_tenants=1{query}"
            listed = self._cloud.compute("GET", path)
        except Refused as error:
            if error.status != http.HTTPStatus.FORBIDDEN:
                raise
            listed = self._cloud.compute("GET", f"/servers/detail?{query[1:]}")
        servers: list[dict[str, Any]] = listed["servers"]
        return servers

    def _not_there(self, error: Refused) -> Finding | NotLooked:
        if error.status == http.HTTPStatus.SERVICE_UNAVAILABLE:
            return finding("api-unavailable", url=self._cloud.found, why=str(error))
        if str(error).endswith("does not answer.") and self._is_guess:
            why = f"no cloud is named, and nobody answers at {self._cloud.found}"
            return NotLooked("n-api", why, "Use --url or --os-cloud.")
        if str(error).endswith("does not answer."):
            start = command("start", "n-api")
            return finding("api-away", url=self._cloud.found, start=start)
        if "nable to establish connection" in str(error):
            start = command("start", "Keystone")
            return finding("keystone-away", why=str(error).rstrip("."), start=start)
        return self._refused(error)

    def _refused(self, error: Refused) -> Finding | NotLooked:
        if error.status == http.HTTPStatus.SERVICE_UNAVAILABLE:
            why = str(error).rstrip(".")
            return finding("api-unavailable", url=self._cloud.found, why=why)
        return NotLooked("n-api's answers", str(error), _ADMIN)


def seconds_since(moment: str | None) -> float | None:
    """Return the seconds since a time of n-api, by this machine's clock."""
    if moment is None:
        return None
    then = datetime.datetime.fromisoformat(moment.rstrip("Z")).replace(
        tzinfo=datetime.UTC
    )
    return max(0.0, (datetime.datetime.now(datetime.UTC) - then).total_seconds())


def _host(service: dict[str, Any]) -> HostSeen:
    disabled = service["status"] == "disabled"
    return HostSeen(
        host=service["host"],
        is_up=service["state"] == "up",
        silent_for=seconds_since(service["updated_at"]),
        is_forced_down=service.get("forced_down", False),
        disabled=(service["disabled_reason"] or "no reason is given")
        if disabled
        else None,
    )
