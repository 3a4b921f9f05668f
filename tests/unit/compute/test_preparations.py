# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks before a claim: images, hosts, and the version of a host."""

import contextlib
import dataclasses
import pathlib
from typing import Any

import pytest

from minova import exception
from minova.compute_api.api import API
from minova.compute_api.projects.quotas import Quotas
from minova.compute_api.rpcapi import ComputeAPI
from minova.db.api import Database
from minova.images import ImageDirectory
from minova.objects.image import Image
from minova.vocabulary.instance_actions import (
    PAUSE,
    REBOOT_HARD,
    REBUILD,
    RESCUE,
    START,
    STOP,
    SUSPEND,
    Action,
)
from minova.vocabulary.vm_states import VMState
from tests.tick_image import TICK
from tests.unit.conftest import HOST, NewServer, context

_UNKNOWN = "11111111-2222-3333-4444-555555555555"


class Broker:
    """Takes every message."""

    def __init__(self) -> None:
        self.asked: list[tuple[Action, str]] = []

    def reserve(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def cast(
        self, _context: Any, action: Action, host: str, _uuid: str, _kept: Any
    ) -> None:
        self.asked.append((action, host))


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def api(db: Database, broker: Broker, tmp_path: pathlib.Path, image: Image) -> API:
    db.service_report(HOST, rpc_version=ComputeAPI.VERSION)
    images = ImageDirectory(tmp_path / "images")
    rpcapi: Any = broker
    return API(db, rpcapi, images, 60, Quotas(db, {}), host="n-api-1")


def test_a_password_is_made_if_the_request_has_none(
    api: API, db: Database, new_server: NewServer
) -> None:
    server = new_server(VMState.ACTIVE)

    prepared = api.accept(context("req-1"), server, RESCUE, None)

    assert prepared.arguments is not None
    assert len(prepared.arguments["admin_password"]) == 12
    claimed = db.instance_get(server.uuid)
    assert claimed is not None
    assert claimed.claim_arguments == prepared.arguments


@pytest.mark.parametrize("given", ["open sesame", ""])
def test_a_given_password_is_kept(api: API, new_server: NewServer, given: str) -> None:
    server = new_server(VMState.ACTIVE)

    prepared = api.accept(context(), server, RESCUE, {"adminPass": given})

    assert prepared.arguments is not None
    assert prepared.arguments["admin_password"] == given


def test_a_missing_image_changes_nothing(
    api: API, db: Database, new_server: NewServer, broker: Broker
) -> None:
    server = new_server(VMState.ACTIVE)

    with pytest.raises(exception.RescueImageNotSupported, match=_UNKNOWN):
        api.accept(context(), server, RESCUE, {"rescue_image_ref": _UNKNOWN})

    assert db.instance_get(server.uuid) == server
    assert broker.asked == []


def test_the_state_is_checked_before_the_image(api: API, new_server: NewServer) -> None:
    server = new_server(VMState.PAUSED)

    with pytest.raises(exception.InstanceInvalidState, match="vm_state paused"):
        api.accept(context(), server, RESCUE, {"rescue_image_ref": _UNKNOWN})


@pytest.mark.parametrize("action", [STOP, START], ids=lambda action: action.name)
def test_a_server_without_a_host_is_not_ready_in_any_state(
    api: API, new_server: NewServer, action: Action
) -> None:
    server = dataclasses.replace(new_server(VMState.ERROR), host=None)

    with pytest.raises(exception.InstanceNotReady):
        api.accept(context(), server, action)


def test_arguments_that_no_preparation_returns_are_not_kept(
    api: API, db: Database, new_server: NewServer
) -> None:
    """The claim's task state says how to reboot."""
    server = new_server(VMState.ACTIVE)

    prepared = api.accept(context(), server, REBOOT_HARD, {"type": "HARD"})

    claimed = db.instance_get(server.uuid)
    assert claimed is not None
    assert claimed.task_state is REBOOT_HARD.task_state
    assert (prepared.arguments, claimed.claim_arguments) == (None, None)


def test_an_undelivered_rebuild_changes_nothing(
    api: API,
    db: Database,
    new_server: NewServer,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = new_server(VMState.ERROR)
    asked = {"imageRef": TICK, "name": "other", "metadata": {"a": "1"}}

    def refuse(*_asked: object) -> None:
        raise exception.ComputeHostUnreachable

    monkeypatch.setattr(broker, "cast", refuse)
    with pytest.raises(exception.ComputeHostUnreachable):
        api.accept(context(), server, REBUILD, asked)

    after = db.instance_get(server.uuid)
    assert after is not None
    assert dataclasses.replace(after, updated_at=server.updated_at) == server


@pytest.mark.parametrize("version", [None, "1.0", "0.9"])
def test_a_host_that_would_not_understand_gets_no_message(
    api: API,
    db: Database,
    new_server: NewServer,
    broker: Broker,
    version: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its n-cpu could not even read the row of such a claim."""
    server = new_server(VMState.ACTIVE)
    db.service_report(HOST, rpc_version=version)

    with pytest.raises(exception.HostTooOld) as raised:
        api.accept(context(), server, SUSPEND)

    assert HOST not in str(raised.value)
    assert HOST in caplog.text
    assert db.instance_get(server.uuid) == server
    assert broker.asked == []
    api.accept(context(), server, PAUSE)
    assert broker.asked == [(PAUSE, HOST)]


def test_a_server_that_never_ran_is_refused(
    api: API, new_server: NewServer, db: Database
) -> None:
    """An admin may have set its state by hand."""
    building = new_server(VMState.BUILDING)
    assert db.instance_reset_state(context(), building.uuid, VMState.ACTIVE)
    server = db.instance_get(building.uuid)
    assert server is not None

    with pytest.raises(
        exception.InstanceInvalidState, match="is in an invalid state for 'pause'"
    ):
        api.accept(context(), server, PAUSE)
