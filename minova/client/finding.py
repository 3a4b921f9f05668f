# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Finds the cloud that a command asks, and the user it asks as."""

import argparse
import os
import pathlib
from collections.abc import Mapping
from typing import Any, Final

import yaml
from keystoneauth1 import exceptions, loading
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session
from keystoneauth1.token_endpoint import Token

from minova.client.cloud import Cloud

NAME: Final = "minova"
"""The admin's cloud in the clouds.yaml that stack.sh and minova up write."""
_SECONDS: Final = 60
"""A cloud that does not answer within this time counts as away."""
USUAL: Final = "http://127.0.0.1:8774"
"""The URL to try if no cloud is configured."""
_FILES: Final = (
    "clouds.yaml",
    "~/.config/openstack/clouds.yaml",
    "/etc/openstack/clouds.yaml",
    # stack.sh writes this one if the user already had a clouds.yaml.
    "/opt/stack/logs/clouds.yaml",
)


class NotFound(Exception):
    """There is no such cloud, or its configuration is wrong."""


def find(url: str | None, name: str | None) -> Cloud:
    """Find the named cloud, or else a minova on this machine. Send no request yet.

    Args:
        url: of a cloud without passwords. The token is ``OS_TOKEN`` or the admin's.
        name: in a ``clouds.yaml``. Without it, try the ``OS_AUTH_URL`` variables, then
            the cloud ``minova``, then the loopback.

    Raises:
        NotFound: with a message for the user.
    """
    if url:
        token = Token(
            f"{url.rstrip('/')}/v2.1", os.environ.get("OS_TOKEN", "admin:admin")
        )
        return Cloud(
            Adapter(Session(token, timeout=_SECONDS), service_type="compute"), url
        )
    if not name and "OS_AUTH_URL" in os.environ:
        return _of_variables()
    clouds = _clouds()
    if not name and NAME not in clouds:
        return find(USUAL, None)
    try:
        return _of_file(name or NAME, clouds[name or NAME])
    except KeyError:
        raise NotFound(f"No clouds.yaml file has a cloud named {name}.") from None


def _clouds() -> dict[str, Any]:
    """Return the clouds of all files. The first file with a name wins.

    Raises:
        NotFound: a file exists but is wrong.
    """
    own = os.environ.get("OS_CLIENT_CONFIG_FILE")
    found: dict[str, Any] = {}
    for file in (own, *_FILES) if own else _FILES:
        try:
            text = pathlib.Path(file).expanduser().read_text(encoding="utf-8")
            clouds = yaml.safe_load(text)["clouds"]
            found = {name: dict(cloud) for name, cloud in clouds.items()} | found
        except (FileNotFoundError, PermissionError):
            continue
        except (
            OSError,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            yaml.YAMLError,
        ):
            raise NotFound(f"{file} is not a valid clouds.yaml file.") from None
    return found


def _of_file(name: str, cloud: Mapping[str, Any]) -> Cloud:
    try:
        loader: Any = loading.get_plugin_loader(cloud.get("auth_type", "password"))
        auth = loader.load_from_options(**cloud.get("auth", {}))
    except exceptions.ClientException as error:
        raise NotFound(f"Cloud {name}: {error}") from None
    verify = cloud.get("verify", True) and cloud.get("cacert", True)
    adapter = Adapter(
        Session(auth, verify=verify, timeout=_SECONDS),
        service_type="compute",
        interface=cloud.get("interface", "public"),
        region_name=cloud.get("region_name"),
        endpoint_override=cloud.get("compute_endpoint_override"),
    )
    return Cloud(adapter, f"cloud {name}")


def _of_variables() -> Cloud:
    """Read the variables that ``source openrc`` sets."""
    parser = argparse.ArgumentParser()
    loading.register_auth_argparse_arguments(parser, [], default="password")
    try:
        auth = loading.load_auth_from_argparse_arguments(parser.parse_args([]))
    except exceptions.ClientException as error:
        raise NotFound(str(error)) from None
    verify = os.environ.get("OS_CACERT") or True
    session = Session(auth, verify=verify, timeout=_SECONDS)
    adapter = Adapter(
        session,
        service_type="compute",
        interface=os.environ.get("OS_INTERFACE", "public"),
        region_name=os.environ.get("OS_REGION_NAME"),
    )
    return Cloud(adapter, os.environ["OS_AUTH_URL"])
