#!/usr/bin/env python3
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Make the projects, users and catalog of a bootstrapped Keystone; repeatable.

Usage: keystone_accounts.py KEYSTONE_URL COMPUTE_URL IMAGE_URL <USERS_AND_PASSWORDS

It runs in Keystone's own Python environment. Standard input has a line
``user=password`` for each of admin, demo, demo_reader and minova.
"""

import sys
from typing import Any

from keystoneauth1 import adapter, exceptions, session
from keystoneauth1.identity import v3

# user: {project: role}. A member is also a reader, and the admin is both.
ROLES = {
    "admin": {"admin": "admin", "demo": "admin"},
    "demo": {"demo": "member"},
    "demo_reader": {"demo": "reader"},
    "minova": {"service": "service"},
}


class Accounts:
    """Keystone's API, as far as something is found by its name or else made."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        auth = v3.Password(
            auth_url=url,
            username="admin",
            password=password,
            project_name="admin",
            user_domain_id="default",
            project_domain_id="default",
        )
        self._api = adapter.Adapter(
            session.Session(auth=auth), endpoint_override=url, raise_exc=True
        )

    def ensure(self, kind: str, find: dict[str, str], **values: Any) -> str:
        """The id of the thing that is found by ``find``, with these values."""
        found = self._api.get(f"/{kind}s", params=find).json()[f"{kind}s"]
        if not found:
            body = {kind: find | values}
            made: str = self._api.post(f"/{kind}s", json=body).json()[kind]["id"]
            return made
        thing: str = found[0]["id"]
        changed = {k: v for k, v in values.items() if found[0].get(k) != v}
        if changed:
            self._api.patch(f"/{kind}s/{thing}", json={kind: changed})
        return thing

    def ensure_user(self, name: str, password: str) -> str:
        """The id of a user.

        A password that is right already is left alone: setting it would end the user's
        tokens.
        """
        user = self.ensure("user", {"name": name, "domain_id": "default"})
        auth = v3.Password(
            auth_url=self._url, user_id=user, password=password, unscoped=True
        )
        try:
            auth.get_access(session.Session())
        except exceptions.Unauthorized:
            self._api.patch(f"/users/{user}", json={"user": {"password": password}})
        return user

    def grant(self, user: str, project: str, role: str) -> None:
        self._api.put(f"/projects/{project}/users/{user}/roles/{role}")

    def ensure_service(self, kind: str, name: str, url: str) -> None:
        """One endpoint of a service in the catalog, the public one."""
        service = self.ensure("service", {"type": kind}, name=name)
        find = {"service_id": service, "interface": "public"}
        self.ensure("endpoint", find, url=url, region_id="RegionOne")


def main(keystone_url: str, compute_url: str, image_url: str) -> None:
    lines = sys.stdin.read().splitlines()
    passwords = dict(line.split("=", 1) for line in lines)
    accounts = Accounts(keystone_url, passwords["admin"])
    for user, roles in ROLES.items():
        user_id = accounts.ensure_user(user, passwords[user])
        for project, role in roles.items():
            accounts.grant(
                user_id,
                accounts.ensure("project", {"name": project, "domain_id": "default"}),
                accounts.ensure("role", {"name": role}),
            )
    accounts.ensure_service("compute", "nova", compute_url)
    accounts.ensure_service("image", "glance", image_url)


main(*sys.argv[1:])
