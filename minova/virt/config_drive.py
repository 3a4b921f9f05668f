# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The config drive: a CD that tells a guest who it is, in OpenStack's format.

https://docs.openstack.org/nova/latest/user/metadata.html
"""

import base64
import io
import json
import os
import pathlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from minova.objects.instance import Instance

NAME: Final = "disk.config"
"""The file's name in a guest's folder, as in Nova."""

_LABEL: Final = "config-2"
"""The label by which a guest finds the CD."""

_DOMAIN: Final = "novalocal"
"""The default of Nova's ``[api] dhcp_domain``."""

# Nova's versions of the format, oldest first.
_VERSIONS: Final = (
    "2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15", "2016-06-30", "2016-10-06",
    "2017-02-22", "2018-08-27", "2020-10-14", "2025-04-04", "latest",
)  # fmt: skip
# The first version that has each file.
_SINCE: Final = {
    "user_data": "2012-08-10",
    "vendor_data.json": "2013-10-17",
    "network_data.json": "2015-10-15",
    "vendor_data2.json": "2016-10-06",
}
# The same for keys of meta_data.json; all versions have the other keys.
_KEY_SINCE: Final = {
    "random_seed": "2013-04-04",
    "project_id": "2015-10-15",
    "devices": "2016-06-30",
    "dedicated_cpus": "2020-10-14",
}


def files(instance: Instance) -> dict[str, bytes]:
    """Return path → content, with a folder for each version."""
    meta_data = _meta_data(instance)
    contents: dict[str, bytes] = {
        "vendor_data.json": _json({}),
        "network_data.json": _json(_network_data(instance)),
        "vendor_data2.json": _json({"static": {}}),
    }
    if instance.user_data is not None:
        contents["user_data"] = base64.b64decode(instance.user_data)
    found = {}
    # Dates sort before "latest".
    for version in _VERSIONS:
        of_its_time = {
            name: content
            for name, content in contents.items()
            if _SINCE[name] <= version
        }
        of_its_time["meta_data.json"] = _json(
            {
                key: value
                for key, value in meta_data.items()
                if _KEY_SINCE.get(key, version) <= version
            }
        )
        for name, content in of_its_time.items():
            found[f"openstack/{version}/{name}"] = content
    return found


def write(path: pathlib.Path, contents: Mapping[str, bytes]) -> None:
    """Write an ISO 9660 image with Joliet and Rock Ridge names.

    It may contain a password.  Only its owner, its group and, once the guest runs,
    QEMU's user may read it.
    """
    import pycdlib  # noqa: PLC0415 - takes 1.3 MiB, and few servers have such a CD

    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=_LABEL)
    try:
        made: set[str] = set()
        for number, (name, content) in enumerate(sorted(contents.items())):
            _make_folders(iso, pathlib.PurePosixPath(name).parent, made)
            iso.add_fp(
                io.BytesIO(content),
                len(content),
                # The plain ISO 9660 name, which no guest uses, and the two real names.
                f"{_plain(pathlib.PurePosixPath(name).parent)}/F{number}.;1",
                rr_name=pathlib.PurePosixPath(name).name,
                joliet_path=f"/{name}",
            )
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640)
        with os.fdopen(descriptor, "wb") as file:
            iso.write_fp(file)
    finally:
        iso.close()


def _make_folders(iso: Any, folder: pathlib.PurePosixPath, made: set[str]) -> None:
    for each in [*reversed(folder.parents), folder]:
        if each.name and str(each) not in made:
            made.add(str(each))
            iso.add_directory(_plain(each), rr_name=each.name, joliet_path=f"/{each}")


def _plain(folder: pathlib.PurePosixPath) -> str:
    """``openstack/2012-08-10`` → ``/OPENSTACK/2012_08_10``, for plain ISO 9660."""
    return "/" + str(folder).upper().replace("-", "_")


def _meta_data(instance: Instance) -> dict[str, Any]:
    data: dict[str, Any] = {
        "uuid": instance.uuid,
        "name": instance.display_name,
        "hostname": f"{instance.hostname}.{_DOMAIN}",
        "launch_index": instance.launch_index,
        "availability_zone": instance.availability_zone,
        "project_id": instance.project_id,
        "random_seed": base64.b64encode(secrets.token_bytes(512)).decode(),
        "devices": [],
        "dedicated_cpus": [],
    }
    if instance.metadata:
        data["meta"] = dict(instance.metadata)
    if instance.admin_password is not None:
        data["admin_pass"] = instance.admin_password
    if instance.key_name is not None and instance.key_data is not None:
        data["public_keys"] = {instance.key_name: instance.key_data}
        data["keys"] = [
            {"name": instance.key_name, "type": "ssh", "data": instance.key_data}
        ]
    return data


def _network_data(instance: Instance) -> dict[str, Any]:
    nics = list(enumerate(instance.network_info or ()))
    return {
        "links": [
            {
                "id": f"nic{number}",
                "type": "phy",
                "mtu": 1500,
                "ethernet_mac_address": nic["mac"],
            }
            for number, nic in nics
        ],
        "networks": [
            {
                "id": f"network{number}",
                "type": "ipv4_dhcp",
                "link": f"nic{number}",
                "network_id": nic["network"],
            }
            for number, nic in nics
        ],
        "services": [],
    }


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
