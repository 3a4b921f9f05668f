# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The host's processor: libvirt's capabilities → Nova's ``cpu_info``."""

from typing import Any
from xml.etree import ElementTree as ET


def info(capabilities: str) -> dict[str, Any]:
    """Read the processor from a host's capabilities; ``{}`` if they have none.

    Args:
        capabilities: the XML of virConnectGetCapabilities.

    https://libvirt.org/formatcaps.html
    """
    # libvirt wrote this about its own machine, so guests and users cannot change it.
    host = ET.fromstring(capabilities).find("host")  # noqa: S314
    cpu = None if host is None else host.find("cpu")
    if host is None or cpu is None:
        return {}
    found: dict[str, Any] = {
        "arch": cpu.findtext("arch", ""),
        "model": cpu.findtext("model", ""),
        "vendor": cpu.findtext("vendor", ""),
        "features": sorted(feature.get("name", "") for feature in cpu.iter("feature")),
    }
    topology = cpu.find("topology")
    if topology is not None:
        found["topology"] = {
            "cells": len(host.findall("topology/cells/cell")) or 1,
            **{name: int(topology.get(name, 1)) for name in _PER_CELL},
        }
    return found


_PER_CELL = ("sockets", "cores", "threads")
