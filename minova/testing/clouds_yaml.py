# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``clouds.yaml`` for a cloud with or without Keystone."""

import json
from typing import Any

from minova.testing.keystone import DOMAIN, PASSWORD


def cloud(url: str, token: str) -> dict[str, Any]:
    """Return the entry of a cloud without Keystone.

    There is no catalog, so it names every service that openstackclient (10.5) needs, as
    ``stack.sh`` does (``devstack/lib/clouds``).  The token is there twice: openstacksdk
    4.4 overwrites the one in ``auth`` with None.
    """
    compute = f"{url}/v2.1"
    return {
        "auth_type": "admin_token",
        "token": token,
        "auth": {"endpoint": compute, "token": token},
        "compute_endpoint_override": compute,
        "image_endpoint_override": f"{url}/image",
        "identity_endpoint_override": compute,
        "identity_api_version": "3",
        "block_storage_endpoint_override": compute,
        "block_storage_api_version": "3",
        "has_network": False,
        "floating_ip_source": "None",
    }


def with_keystone(auth_url: str, user: str, project: str) -> dict[str, Any]:
    """Return the entry of a cloud with Keystone; the catalog names the services."""
    return {
        "auth": {
            "auth_url": auth_url,
            "username": user,
            "password": PASSWORD,
            "project_name": project,
            "user_domain_id": DOMAIN,
            "project_domain_id": DOMAIN,
        },
        "region_name": "RegionOne",
        "identity_api_version": "3",
        "floating_ip_source": "None",
    }


def text(**clouds: dict[str, Any]) -> str:
    """Return the text of the file: JSON is YAML."""
    return json.dumps({"clouds": clouds}, indent=2) + "\n"
