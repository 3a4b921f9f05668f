# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""libvirt of this host: whether it answers, and what each guest of it is."""

import contextlib
import dataclasses
import functools
import time
from collections.abc import Iterator
from typing import Any, Final

from minova import exception
from minova.doctor import bounded
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding, NotLooked, Said, Seen, finding
from minova.vocabulary.guest_state import GuestState

_GUEST_LIMIT: Final = 2.0  # seconds for what a QEMU counts of itself
_ASKING: Final = 4
"""Guests asked at a time.  A libvirtd has 20 threads for all; one that is lost to a
guest which hangs comes back with it."""


@dataclasses.dataclass(frozen=True, slots=True)
class SeenGuest:
    """A domain of this deployment.

    Attributes:
        state: None where libvirt does not say, for it is busy with it or hangs.
        hangs: libvirt takes a start of it for one that goes on for ever.
    """

    uuid: str
    name: str
    state: GuestState | None
    hangs: bool = False


class Hypervisor:
    """The libvirt that a configuration names, over a connection of the doctor's own.

    Attributes:
        guests: by UUID; None until they could be looked at.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._conf = deployment.conf
        self._uri = self._conf.libvirt.connection_uri
        self._host: Any = None
        self.guests: dict[str, SeenGuest] | None = None

    def cannot_look(self) -> NotLooked | None:
        """Why there is nothing to look at, or no way to."""
        if self._conf.compute.driver == "fake":
            return NotLooked("guests", "the fake driver's are in n-cpu's own memory")
        if self._uri.startswith("test:"):
            return NotLooked("guests", "libvirt's test driver has them in n-cpu itself")
        try:
            import libvirt  # noqa: F401, PLC0415 - whether it is installed
        except ImportError:
            return NotLooked(
                "libvirt",
                "its bindings are not installed here",
                "Run this on a compute host.",
            )
        return None

    def look(self) -> Iterator[Said]:
        """List all guests, and ask those that run for a sign of life."""
        from minova.virt.libvirt import events  # noqa: PLC0415 - libvirt's bindings
        from minova.virt.libvirt.host import Host  # noqa: PLC0415

        events.keep_quiet()
        conf = self._conf
        self._host = Host(self._uri, conf.host, conf.deployment_id)
        try:
            listed = self._host.list_guests()
        except exception.HypervisorUnavailable as error:
            yield self.away(str(error.__cause__ or error))
            return
        found = {guest.uuid: _seen(guest) for guest in listed}
        self.guests = found
        yield Seen("libvirt", f"{self._uri} answers, {len(found)} guests")
        for each in found.values():
            if each.hangs:
                yield finding("guest-start-hangs", server=each.uuid, name=each.name)
        running = [g for g in listed if found[g.uuid].state is GuestState.RUNNING]
        for guest in self._silent(running):
            yield finding(
                "guest-silent",
                server=guest.uuid,
                name=guest.name,
                limit=f"{_GUEST_LIMIT:g}",
                timeout=f"{conf.libvirt.call_timeout:g}",
            )

    def away(self, why: str) -> Finding | NotLooked:
        """It is not there, or not for whoever asks."""
        if "ermission denied" in why or "authentication" in why:
            return NotLooked("libvirt", why, "sudo minova doctor")
        return finding(
            "libvirt-away",
            uri=self._uri,
            why=why.rstrip("."),
            host=self._conf.host,
            seconds=self._conf.report_interval,
            start=self._deployment.start("libvirt"),
        )

    def silent(self) -> Finding:
        """It takes the call, and does not answer."""
        return finding(
            "libvirt-silent",
            uri=self._uri,
            limit=f"{bounded.LIMIT:g}",
            timeout=f"{self._conf.libvirt.call_timeout:g}",
            host=self._conf.host,
            restart=self._deployment.restart("libvirt"),
        )

    def _silent(self, running: list[Any]) -> list[SeenGuest]:
        """Those whose QEMU does not say what it counts, as ``os-diagnostics`` asks."""
        asked: dict[str, float] = {}
        answered: set[str] = set()

        def ask(share: list[Any]) -> None:
            for guest in share:
                asked[guest.uuid] = time.monotonic()
                # Gone, off or refused: it is no QEMU that hangs.
                with contextlib.suppress(Exception):
                    guest.diagnostics(self._conf.libvirt.virt_type)
                answered.add(guest.uuid)

        shares = {
            str(turn): functools.partial(ask, running[turn::_ASKING])
            for turn in range(_ASKING)
        }
        bounded.run(shares, _GUEST_LIMIT)
        # One that was asked a moment ago is no suspect.
        early = time.monotonic() - _GUEST_LIMIT / 2
        assert self.guests is not None
        return [
            self.guests[uuid]
            for uuid, since in asked.copy().items()
            if uuid not in answered and since < early
        ]


def _seen(guest: Any) -> SeenGuest:
    try:
        return SeenGuest(guest.uuid, guest.name, guest.state)
    except exception.GuestStartHangs:
        return SeenGuest(guest.uuid, guest.name, None, hangs=True)
    except Exception:  # it is busy, or vanished meanwhile: libvirt's own errors
        return SeenGuest(guest.uuid, guest.name, None)
