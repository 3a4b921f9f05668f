# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The daemons."""

from typing import Any

from minova.api.views.times import micros
from minova.objects.host import Service


def service(listed: Service) -> dict[str, Any]:
    return {
        "binary": listed.binary,
        "host": listed.host,
        "id": listed.id,
        "zone": "nova",
        "status": "disabled" if listed.disabled else "enabled",
        "state": "up" if listed.alive else "down",
        "updated_at": micros(listed.last_seen_up),
        "disabled_reason": listed.disabled_reason,
    }
