# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The subnet of a server, from its number: one address and a gateway."""

import ipaddress
from typing import Any, Final

NAME: Final = "private"
"""The network's name in the API."""

SUBNETS: Final = 65535
"""Numbers start at 1, because 10.0.0.0/24 is too often in use elsewhere."""


def nic(number: int) -> dict[str, Any]:
    """The entry of a NIC in ``network_info``.

    The host parts are those of QEMU's user mode: its DHCP server gives .15 to the first
    client, and there is no second client.
    """
    high, low = number >> 8, number & 255
    prefix = f"10.{high}.{low}"
    return {
        "network": NAME,
        # Neutron's prefix; a locally administered address.
        "mac": f"fa:16:3e:00:{high:02x}:{low:02x}",
        "address": f"{prefix}.15",
        "cidr": f"{prefix}.0/24",
        "gateway": f"{prefix}.2",
    }


def short_address(text: str | None) -> str | None:
    """The shortest form of an IP address: one of 45 characters exceeds the column."""
    return None if text is None else str(ipaddress.ip_address(text))
