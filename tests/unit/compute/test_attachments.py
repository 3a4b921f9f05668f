# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Errors of a Nova whose catalog has neither Neutron nor Cinder."""

import dataclasses
from typing import Any

import pytest

from minova import exception
from minova.compute_api.api import API
from minova.compute_api.attachments import NETWORK, VOLUME
from minova.compute_api.projects.quotas import Quotas
from minova.db.api import Database
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests.unit.conftest import HOST, NewServer, context

NIC = {"network": "private", "address": "10.1.2.3", "mac": "fa:16:3e:00:00:01"}


def _api(db: Database, *, has_catalog: bool) -> API:
    nobody: Any = None
    quotas = Quotas(db, {})
    return API(db, nobody, nobody, 60, quotas, host=HOST, has_catalog=has_catalog)


@pytest.mark.parametrize(
    ("has_catalog", "service", "error"),
    [
        (True, NETWORK, "EndpointNotFound"),
        (True, VOLUME, "EndpointNotFound"),
        (False, NETWORK, "EmptyCatalog"),
    ],
)
def test_the_error_has_keystoneauths_name(
    db: Database, has_catalog: bool, service: str, error: str
) -> None:
    with pytest.raises(exception.NotInCatalog) as refused:
        _api(db, has_catalog=has_catalog).ask(service)

    assert str(refused.value) == (
        "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ "
        "and attach the Nova API log if possible.\n"
        f"<class 'keystoneauth1.exceptions.catalog.{error}'>"
    )


@pytest.mark.parametrize(
    ("has_catalog", "reason"),
    [
        (False, "The service catalog is empty."),
        (True, "['internal', 'public'] endpoint for network service not found"),
    ],
)
def test_why_a_floating_ip_is_refused(
    db: Database, new_server: NewServer, has_catalog: bool, reason: str
) -> None:
    server = dataclasses.replace(new_server(), network_info=[NIC])

    with pytest.raises(exception.Invalid) as refused:
        _api(db, has_catalog=has_catalog).add_floating_ip(server, "192.0.2.1", None)

    assert str(refused.value) == (
        "Unable to associate floating IP 192.0.2.1 to fixed IP 10.1.2.3 for instance "
        f"{server.uuid}. Error: {reason}"
    )


@pytest.mark.parametrize("nics", [None, []])
def test_a_server_without_a_port_gets_no_floating_ip(
    db: Database, new_server: NewServer, nics: Any
) -> None:
    server = dataclasses.replace(new_server(), network_info=nics)

    with pytest.raises(exception.Invalid, match="Instance network is not ready yet"):
        _api(db, has_catalog=True).add_floating_ip(server, "192.0.2.1", None)


@pytest.mark.parametrize(
    ("vm_state", "task_state", "told"),
    [
        (VMState.ACTIVE, TaskState.PAUSING, "while it is in task_state pausing"),
        (VMState.ERROR, None, "while it is in vm_state error"),
    ],
)
@pytest.mark.parametrize("verb", ["attach_interface", "attach_volume"])
def test_states_are_checked_first(
    db: Database,
    new_server: NewServer,
    verb: str,
    vm_state: VMState,
    task_state: TaskState | None,
    told: str,
) -> None:
    server = new_server(vm_state, task_state)

    with pytest.raises(exception.Conflict) as refused:
        getattr(_api(db, has_catalog=True), verb)(context(), server)

    assert str(refused.value) == f"Cannot '{verb}' instance {server.uuid} {told}"


def test_a_server_that_never_ran(db: Database, new_server: NewServer) -> None:
    server = dataclasses.replace(new_server(), launched_at=None)

    with pytest.raises(exception.Conflict) as refused:
        _api(db, has_catalog=True).detach_interface(context(), server, "port")

    assert str(refused.value) == (
        f"Instance {server.uuid} is in an invalid state for 'detach_interface'"
    )


def test_the_lock_has_another_message_for_a_migration(
    db: Database, new_server: NewServer
) -> None:
    server = dataclasses.replace(new_server(), locked=True)
    api = _api(db, has_catalog=True)

    with pytest.raises(exception.Conflict) as refused:
        api.abort_live_migration(context(), server)
    assert str(refused.value) == (
        f"Instance {server.uuid} is in an invalid state for 'abort live migration'"
    )
    for refuse in (
        api.force_complete_live_migration,
        api.change_fixed_ips,
        api.attach_volume,
        api.attach_interface,
    ):
        with pytest.raises(exception.InstanceIsLocked):
            refuse(context(), server)
