# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The way to libvirt, with time limits, and errors that say if anything was done."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import libvirt

from minova import exception
from minova.objects.instance import Instance
from minova.virt.libvirt.calls import HYPERVISOR, Calls
from minova.virt.libvirt.guest import Guest
from minova.virt.libvirt.host import Host

T = TypeVar("T")


class Door:
    """Runs calls about guests, and about the host.

    Raises:
        CallTimedOut, CallStillHangs: as ``Calls.run`` raises them.
        HypervisorUnavailable: libvirt was away before anything was done.
        HypervisorLost: libvirt went away in the middle.
    """

    def __init__(self, host: Host, call_timeout: float) -> None:
        """Connect to nothing yet.

        Args:
            call_timeout: seconds to wait for libvirt before giving up a call.
        """
        self._host = host
        self._calls = Calls(call_timeout, self._suspect)
        self.still_wanted = self._calls.still_wanted
        self._lock = threading.Lock()
        self._suspects: set[str] = set()
        self._connections_seen = 1

    def tell(
        self,
        instance: Instance,
        what: str,
        change: Callable[[Guest], None],
        longer: float | None = None,
    ) -> None:
        """Find a guest and change it; raises as ``ask``."""

        def tell(guest: Guest) -> None:
            self.still_wanted()
            change(guest)

        self.ask(instance, what, tell, longer=longer)

    def ask(
        self,
        instance: Instance,
        what: str,
        question: Callable[[Guest], T],
        patience: float | None = None,
        longer: float | None = None,
        *,
        known: bool = False,
    ) -> T:
        """Find a guest and ask it something.

        Args:
            known: the guest need not be found again, as ``Host.known_guest`` says.

        Raises:
            InstanceNotFound: the guest does not exist, or has just vanished: a domain
                may be undefined between any two calls.
        """
        find = self._host.known_guest if known else self._host.get_guest

        def ask() -> T:
            guest = find(instance.uuid)
            try:
                return question(guest)
            except libvirt.libvirtError as error:
                if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                    self._host.has_vanished(instance.uuid)
                    raise exception.InstanceNotFound(instance.uuid) from error
                raise

        return self.call(instance.uuid, what, ask, patience, longer)

    def call(
        self,
        uuid: str,
        what: str,
        function: Callable[[], T],
        patience: float | None = None,
        longer: float | None = None,
    ) -> T:
        """Run a function that calls libvirt, as ``Calls.run`` does."""

        def call() -> T:
            try:
                return function()
            except libvirt.libvirtError as error:
                if self._host.is_lost():
                    raise self._host.lost() from error
                raise

        return self._calls.run(uuid, what, call, patience, longer)

    @contextlib.contextmanager
    def begun(self) -> Iterator[None]:
        """Replace errors that say "nothing was done": the guest has been changed.

        Raises:
            HypervisorLost: in place of ``HypervisorUnavailable``.
            HypervisorSilent: in place of ``CallStillHangs``.
        """
        try:
            yield
        except exception.HypervisorUnavailable as error:
            raise self._host.lost() from error
        except exception.CallStillHangs as error:
            raise exception.HypervisorSilent(str(error)) from error

    def take_suspects(self) -> set[str] | None:
        with self._lock:
            suspects, self._suspects = self._suspects, set()
            seen, self._connections_seen = (
                self._connections_seen,
                max(self._connections_seen, self._host.connections),
            )
            return None if self._connections_seen > seen else suspects

    def _suspect(self, uuid: str) -> None:
        if uuid != HYPERVISOR:
            with self._lock:
                self._suspects.add(uuid)
