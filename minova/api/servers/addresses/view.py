# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The addresses of a server, by network."""

from typing import Any

from minova.objects.instance import Instance


def addresses(
    instance: Instance, *, extended: bool = True
) -> dict[str, list[dict[str, Any]]]:
    """Show the addresses of the NICs; empty without a NIC, or before the build.

    Args:
        extended: False leaves out the keys of Nova's old extensions.
    """
    shown: dict[str, list[dict[str, Any]]] = {}
    for nic in instance.network_info or ():
        address: dict[str, Any] = {
            "version": 6 if ":" in nic["address"] else 4,
            "addr": nic["address"],
        }
        if extended:
            address |= {
                "OS-EXT-IPS:type": "fixed",
                "OS-EXT-IPS-MAC:mac_addr": nic["mac"],
            }
        shown.setdefault(nic["network"], []).append(address)
    return shown
