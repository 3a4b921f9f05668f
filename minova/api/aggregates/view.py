# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Aggregates as JSON."""

from typing import Any

from minova.api.answers.times import micros
from minova.api.front.request import Request
from minova.objects.aggregate import Aggregate


def created(req: Request, aggregate: Aggregate) -> dict[str, Any]:
    shown = {
        "id": aggregate.id,
        "name": aggregate.name,
        "availability_zone": aggregate.zone,
        "created_at": micros(aggregate.created_at),
        "updated_at": micros(aggregate.updated_at),
        # A deleted aggregate is not kept.
        "deleted": False,
        "deleted_at": None,
    }
    if req.version >= (2, 41):
        shown["uuid"] = aggregate.uuid
    return shown


def detail(req: Request, aggregate: Aggregate) -> dict[str, Any]:
    return created(req, aggregate) | {
        "hosts": list(aggregate.hosts),
        "metadata": dict(aggregate.metadata),
    }
