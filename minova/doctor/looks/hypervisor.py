# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""This host's libvirt: whether it answers, and the state of each guest."""

import contextlib
import dataclasses
import functools
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from minova import exception
from minova.cmd import one_per_host
from minova.doctor import bounded
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding, NotLooked, Said, Seen, finding
from minova.doctor.looks import processes
from minova.vocabulary.guest_state import GuestState

_NO_HOST: Final = ("no n-cpu has run here", "Run this on a compute host.")
_GUEST_LIMIT: Final = 2.0  # seconds for all guests' diagnostics
_ASKING: Final = 4
"""How many guests to ask at the same time. A guest that hangs blocks one of libvirtd's
20 threads until it continues."""


@dataclasses.dataclass(frozen=True, slots=True)
class SeenGuest:
    """A domain of this deployment.

    Attributes:
        state: None if libvirt does not say, because it is busy or hangs.
    """

    uuid: str
    name: str
    state: GuestState | None


class Hypervisor:
    """The libvirt that a configuration names, over the doctor's own connection.

    Attributes:
        guests: by UUID; None until libvirt has listed them.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._conf = deployment.conf
        self._uri = self._conf.libvirt.connection_uri
        self._host: Any = None
        self.guests: dict[str, SeenGuest] | None = None

    def cannot_look(self) -> NotLooked | None:
        """Return why libvirt cannot be looked at, or None if it can."""
        if self._conf.compute.driver == "fake":
            return NotLooked("guests", "the fake driver keeps them in n-cpu's memory")
        if self._uri.startswith("test:"):
            return NotLooked("guests", "libvirt's test driver keeps them in n-cpu")
        lock = one_per_host.lock_path(
            pathlib.Path(self._conf.state_path), self._conf.host
        )
        if not os.path.exists(lock):
            return NotLooked("libvirt", *_NO_HOST)
        try:
            import libvirt  # noqa: F401, PLC0415 - whether it is installed
        except ImportError:
            return NotLooked("libvirt", "its bindings are not installed here")
        return None

    def look(self) -> Iterator[Said]:
        """List all guests, and check that each answers."""
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
        yield Seen("libvirt", f"{self._uri} answers, guests: {len(listed)}")
        by_uuid = {guest.uuid: guest for guest in listed}
        looked = _Looked(by_uuid, conf.libvirt.virt_type)
        bounded.run(looked.shares(), _GUEST_LIMIT)
        self.guests = looked.guests()
        stopped = processes.stopped_guests()
        for uuid in {*looked.silent(), *(stopped.keys() & by_uuid.keys())}:
            kind = "guest-start-hangs" if uuid in looked.starting else "guest-silent"
            yield finding(
                "guest-frozen" if uuid in stopped else kind,
                server=uuid,
                name=self.guests[uuid].name,
                pid=stopped.get(uuid),
                limit=f"{_GUEST_LIMIT:g}",
                timeout=f"{conf.libvirt.call_timeout:g}",
            )

    def away(self, why: str) -> Finding | NotLooked:
        """Say that libvirt is away, or that the caller may not use it."""
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
        """Make the finding for a libvirt that does not answer."""
        return finding(
            "libvirt-silent",
            uri=self._uri,
            limit=f"{bounded.LIMIT:g}",
            timeout=f"{self._conf.libvirt.call_timeout:g}",
            host=self._conf.host,
            restart=self._deployment.restart("libvirt"),
        )


class _Looked:
    """Asks guests in parallel shares. A guest that hangs blocks only its own share.

    Attributes:
        starting: the guests that libvirt says are starting.
    """

    def __init__(self, guests: dict[str, Any], virt_type: str) -> None:
        self._guests = guests
        self._virt_type = virt_type
        self._asked: dict[str, float] = {}
        self._answered: set[str] = set()
        self._states: dict[str, GuestState] = {}
        self.starting: set[str] = set()

    def shares(self) -> dict[str, Callable[[], None]]:
        listed = list(self._guests)
        return {
            str(turn): functools.partial(self._ask_all, listed[turn::_ASKING])
            for turn in range(_ASKING)
        }

    def guests(self) -> dict[str, SeenGuest]:
        return {
            uuid: SeenGuest(uuid, guest.name, self._states.get(uuid))
            for uuid, guest in self._guests.items()
        }

    def silent(self) -> list[str]:
        """Return guests without an answer, except those asked less than 1 s ago."""
        early = time.monotonic() - _GUEST_LIMIT / 2
        return [
            uuid
            for uuid, since in self._asked.copy().items()
            if uuid not in self._answered and since < early
        ]

    def _ask_all(self, uuids: list[str]) -> None:
        for uuid in uuids:
            self._asked[uuid] = time.monotonic()
            # An error from libvirt (gone, busy, refused) means that QEMU does not hang.
            with contextlib.suppress(Exception):
                self._ask(uuid, self._guests[uuid])
            self._answered.add(uuid)

    def _ask(self, uuid: str, guest: Any) -> None:
        if guest.is_starting:
            self.starting.add(uuid)
        self._states[uuid] = guest.state
        # The same question as os-diagnostics: QEMU itself must answer it.
        guest.diagnostics(self._virt_type)
