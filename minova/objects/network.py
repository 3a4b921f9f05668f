# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The subnet of a server, from its number: an address, a gateway, no neighbours."""

import ipaddress
from typing import Any, Final

NAME: Final = "private"
"""What the API calls the network."""

SUBNETS: Final = 65535
"""Numbers go from 1 to this: 10.0.0.0/24 is left out, it is too often somebody's."""


def nic(number: int) -> dict[str, Any]:
    """What ``network_info`` holds of a NIC.

    The host parts are those of QEMU's user mode: its DHCP server gives .15 to whoever
    asks first, and nobody asks second.
    """
    high, low = number >> 8, number & 255
    prefix = f"10.{high}.{low}"
    return {
        "network": NAME,
        # Neutron's prefix, and locally administered.
        "mac": f"fa:16:3e:00:{high:02x}:{low:02x}",
        "address": f"{prefix}.15",
        "cidr": f"{prefix}.0/24",
        "gateway": f"{prefix}.2",
    }


def short_address(text: str | None) -> str | None:
    """In its shortest form: one of 45 characters does not fit the column."""
    return None if text is None else str(ipaddress.ip_address(text))
