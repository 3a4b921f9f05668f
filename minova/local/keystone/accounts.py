# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The projects, users, roles and catalog, the same as ``stack.sh`` makes."""

from typing import Final

from minova.testing.keystone import DOMAIN, PASSWORD, Keystone

SERVICE_USER: Final = "minova"
"""n-api's own user in Keystone."""
SERVICE_PROJECT: Final = "service"

_ROLES: Final = {
    "admin": {"demo": "admin"},
    "demo": {"demo": "member"},
    "demo_reader": {"demo": "reader"},
    SERVICE_USER: {SERVICE_PROJECT: "service"},
}
"""Roles by user and project.  The admin also has a role in the project ``admin``."""


def make(keystone: Keystone, compute_url: str, image_url: str) -> None:
    """Make all of these in a Keystone that was just bootstrapped."""
    projects: dict[str, str] = {}
    for user, roles in _ROLES.items():
        user_id = keystone.ensure("user", user, domain_id=DOMAIN, password=PASSWORD)
        for project, role in roles.items():
            if project not in projects:
                projects[project] = keystone.ensure(
                    "project", project, domain_id=DOMAIN
                )
            keystone.grant(user_id, projects[project], role)
    for kind, name, url in (
        ("compute", "nova", compute_url),
        ("image", "glance", image_url),
    ):
        endpoint = {"interface": "public", "region_id": "RegionOne", "url": url}
        endpoint["service_id"] = keystone.make("service", type=kind, name=name)
        keystone.make("endpoint", **endpoint)
