# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Flavors as JSON."""

from typing import Any, Final

from minova.api.answers.links import links
from minova.api.front.request import Request
from minova.objects.flavor import Flavor

# Two attributes without a meaning are in Nova's examples of 2.75, but not in the
# recording of 2.104. It is not known which version removed them.
_WITHOUT_RELICS: Final = (2, 102)


def basic(req: Request, flavor: Flavor) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": flavor.flavorid,
        "name": flavor.name,
        "links": links(req, f"flavors/{flavor.flavorid}"),
    }
    if req.version >= (2, 55):
        shown["description"] = flavor.description
    return shown


def detail(req: Request, flavor: Flavor, *, specs_shown: bool = True) -> dict[str, Any]:
    """Show one flavor.

    Args:
        specs_shown: whether the caller may see the extra specs (since 2.61).
    """
    shown: dict[str, Any] = {
        "id": flavor.flavorid,
        "name": flavor.name,
        "ram": flavor.memory_mb,
        "disk": flavor.root_gb,
        "swap": flavor.swap if req.version >= (2, 75) else flavor.swap or "",
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral_gb,
    }
    if req.version < _WITHOUT_RELICS:
        shown["OS-FLV-DISABLED:disabled"] = flavor.disabled
    shown["vcpus"] = flavor.vcpus
    shown["os-flavor-access:is_public"] = flavor.is_public
    if req.version < _WITHOUT_RELICS:
        shown["rxtx_factor"] = flavor.rxtx_factor
    shown["links"] = links(req, f"flavors/{flavor.flavorid}")
    if req.version >= (2, 55):
        shown["description"] = flavor.description
    if req.version >= (2, 61) and specs_shown:
        shown["extra_specs"] = dict(flavor.extra_specs)
    return shown


def access(flavor: Flavor, project_ids: list[str]) -> dict[str, Any]:
    return {
        "flavor_access": [
            {"flavor_id": flavor.flavorid, "tenant_id": project_id}
            for project_id in project_ids
        ]
    }
