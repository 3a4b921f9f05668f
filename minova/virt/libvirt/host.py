# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Host: the connection to libvirt, and the domains of this deployment."""

import contextlib
import functools
import threading
from collections.abc import Callable
from typing import Any

import libvirt
from oslo_log import log as logging

from minova import exception
from minova.objects.host import Resources
from minova.virt.event import LifecycleEvent
from minova.virt.libvirt import cpu, events, xml
from minova.virt.libvirt.guest import Guest

LOG = logging.getLogger(__name__)

# The domain has no metadata of minova, or is gone by now.
_NOT_OURS = {libvirt.VIR_ERR_NO_DOMAIN_METADATA, libvirt.VIR_ERR_NO_DOMAIN}


class Host:
    """Connects to libvirt at the first use, and again after libvirtd went away."""

    def __init__(self, uri: str, hostname: str, deployment_id: str) -> None:
        self._uri = uri
        self._hostname = hostname
        self._deployment_id = deployment_id
        self._lock = threading.Lock()
        self._connection: libvirt.virConnect | None = None
        self._closed = False
        self.connections = 0
        """Number of connections opened so far.  Before each, events may be missed."""
        self._ours: set[str] = set()
        # Handles by UUID.  One of a closed connection may remain; it is not used.
        self._found: dict[str, libvirt.virDomain] = {}
        self._events: events.EventQueue | None = None

    @property
    def connection(self) -> libvirt.virConnect:
        """The live connection.

        Raises:
            HypervisorUnavailable: libvirt does not answer.
        """
        with self._lock:
            if self._connection is None or not self._connection.isAlive():
                self._let_go()
                self._connection = self._open()
            return self._connection

    def watch(self, emit: Callable[[LifecycleEvent], None]) -> None:
        """Start to emit the lifecycle events of our domains, also after reconnects."""
        events.run_event_loop()
        self._events = events.EventQueue(self._is_ours, emit)

    def found_off(self, uuid: str) -> None:
        """Emit STOPPED for a domain that was found off, after the usual delay."""
        if self._events is not None:
            self._events.found_off(uuid)

    def close(self) -> None:
        """Close the connection; wait at most 2 s for libvirt."""
        self._closed = True
        # First, and without the lock: events in progress need the connection.
        if self._events is not None:
            self._events.close()

        def close() -> None:
            with self._lock:
                self._let_go()

        closing = threading.Thread(target=close, name="libvirt-close", daemon=True)
        closing.start()
        closing.join(timeout=2)

    def is_lost(self) -> bool:
        """Whether a call has failed because the connection is gone."""
        connection = self._connection
        return connection is None or not connection.isAlive()

    def lost(self) -> exception.HypervisorLost:
        return exception.HypervisorLost(self._hostname)

    def get_guest(self, instance_uuid: str) -> Guest:
        """Find a guest of this deployment.

        Raises:
            InstanceNotFound: there is no such domain, or it is not ours.
            HypervisorUnavailable: libvirt does not answer.
        """
        try:
            domain = self.connection.lookupByUUIDString(instance_uuid)
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                self.has_vanished(instance_uuid)
                raise exception.InstanceNotFound(instance_uuid) from None
            raise
        if not self._owns(domain):
            raise exception.InstanceNotFound(instance_uuid)
        self._found[instance_uuid] = domain
        return Guest(domain)

    def known_guest(self, instance_uuid: str) -> Guest:
        """Return a guest as it was found before, or find it.

        Only for questions that go to libvirt, such as the state: libvirt says if the
        guest is gone.  Name and domain ID are read from the handle, and may be old.
        To find the guest again would take 0.2 ms of CPU (measured).

        Raises:
            InstanceNotFound, HypervisorUnavailable: as ``get_guest`` raises them.
        """
        domain = self._found.get(instance_uuid)
        if domain is None or domain.connect() is not self.connection:
            return self.get_guest(instance_uuid)
        return Guest(domain)

    def forget(self, instance_uuid: str) -> None:
        """Drop the handle of a removed guest.  Its last event may still come."""
        self._found.pop(instance_uuid, None)

    def has_vanished(self, instance_uuid: str) -> None:
        """Forget a guest that libvirt no longer knows.

        The next domain with its UUID may be foreign.
        """
        self._ours.discard(instance_uuid)
        self.forget(instance_uuid)

    def define(self, describe: Callable[[str], str], name: str, uuid: str) -> Guest:
        """Define a domain without starting it, or define an existing one again.

        Args:
            describe: returns the domain's XML for a name.
            name: for a new domain.  An existing domain keeps its name, because defining
                it again cannot rename it.  If a foreign domain has this name, the start
                of the UUID is appended, because libvirt wants unique names.
        """
        flags = libvirt.VIR_DOMAIN_DEFINE_VALIDATE
        try:
            name = self.get_guest(uuid).name
        except exception.InstanceNotFound:
            if self._name_is_taken(name, uuid):
                name = f"{name}-{uuid[:8]}"
        domain = self.connection.defineXMLFlags(describe(name), flags)
        self._ours.add(uuid)
        return Guest(domain)

    def list_guests(self) -> list[Guest]:
        """Return every domain of this deployment, running or not."""
        return [
            Guest(domain)
            for domain in self.connection.listAllDomains()
            if self._owns(domain)
        ]

    @functools.cached_property
    def arch(self) -> str:
        """The host's architecture in libvirt's words, such as ``x86_64``."""
        return str(self.connection.getInfo()[0])

    @functools.cached_property
    def cpu_info(self) -> dict[str, Any]:
        """The host's processor, read once."""
        return cpu.info(self.connection.getCapabilities())

    def get_available_resource(self) -> Resources:
        """Return the host's resources (virNodeGetInfo); the driver adds the disk."""
        connection = self.connection
        _model, memory_mb, cpus, *_rest = connection.getInfo()
        return Resources(
            vcpus=cpus,
            memory_mb=memory_mb,
            local_gb=0,
            hypervisor_type=connection.getType(),
            hypervisor_version=connection.getVersion(),
            hypervisor_hostname=self._hostname,
            cpu_info=self.cpu_info,
        )

    def _let_go(self) -> None:
        self._found.clear()
        if self._connection is not None:
            with contextlib.suppress(libvirt.libvirtError):  # it may be dead already
                self._connection.close()
            self._connection = None

    def _open(self) -> libvirt.virConnect:
        if self._closed:
            raise exception.HypervisorUnavailable(self._hostname)
        try:
            connection = libvirt.open(self._uri)
            if self._events is not None:
                self._register(connection, self._events)
                # All guests will be checked again: see ``connections``.
                self._events.forget_stops()
        except libvirt.libvirtError as error:
            LOG.warning("Cannot connect to %s: %s", self._uri, error)
            raise exception.HypervisorUnavailable(self._hostname) from error
        LOG.info("Connected to %s", self._uri)
        self.connections += 1
        return connection

    def _register(
        self, connection: libvirt.virConnect, queue: events.EventQueue
    ) -> None:
        connection.registerCloseCallback(self._on_close, None)
        connection.domainEventRegisterAny(
            None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, queue.callback, None
        )
        try:
            # A question every 5 s; dead after 5 without an answer (as in Nova).
            connection.setKeepAlive(5, 5)
        except libvirt.libvirtError as error:
            LOG.debug("No keep-alive on %s: %s", self._uri, error)

    def _on_close(self, _connection: Any, reason: int, _opaque: Any) -> None:
        LOG.warning("Connection to libvirt lost: %s", reason)

    def _name_is_taken(self, name: str, uuid: str) -> bool:
        try:
            return bool(self.connection.lookupByName(name).UUIDString() != uuid)
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
                return False
            raise

    def _is_ours(self, uuid: str) -> bool:
        """Whether a domain is or was ours.  It may be gone when its event arrives.

        If libvirt cannot tell now, the answer is yes: the listener checks again.
        """
        if uuid in self._ours:
            return True
        try:
            return self._owns(self.connection.lookupByUUIDString(uuid))
        except libvirt.libvirtError as error:
            return error.get_error_code() not in _NOT_OURS
        except exception.HypervisorUnavailable:
            return True

    def _owns(self, domain: libvirt.virDomain) -> bool:
        uuid = domain.UUIDString()
        if uuid not in self._ours:
            try:
                element = domain.metadata(
                    libvirt.VIR_DOMAIN_METADATA_ELEMENT, xml.NAMESPACE
                )
            except libvirt.libvirtError as error:
                # Any other error does not tell whose domain it is.
                if error.get_error_code() in _NOT_OURS:
                    return False
                raise
            if xml.metadata_deployment(element) != self._deployment_id:
                return False
            self._ours.add(uuid)
        return True
