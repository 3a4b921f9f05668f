# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Keypairs as JSON."""

from typing import Any

from minova.api.answers.times import micros
from minova.api.front.request import Request
from minova.objects.keypair import Keypair


def basic(req: Request, keypair: Keypair) -> dict[str, Any]:
    shown = {
        "name": keypair.name,
        "public_key": keypair.public_key,
        "fingerprint": keypair.fingerprint,
    }
    if req.version >= (2, 2):
        shown["type"] = keypair.type
    return shown


def created(
    req: Request, keypair: Keypair, private_key: str | None = None
) -> dict[str, Any]:
    shown = basic(req, keypair) | {"user_id": keypair.user_id}
    if private_key is not None:
        shown["private_key"] = private_key
    return shown


def detail(req: Request, keypair: Keypair) -> dict[str, Any]:
    shown = basic(req, keypair)
    kind = {"type": shown.pop("type")} if "type" in shown else {}
    return shown | {
        "user_id": keypair.user_id,
        "created_at": micros(keypair.created_at),
        # A keypair never changes, and a deleted one is not kept.
        "deleted": False,
        "deleted_at": None,
        "id": keypair.id,
        "updated_at": None,
        **kind,
    }
