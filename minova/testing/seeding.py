# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Seeds: a file says what a cloud should contain, and requests make it.

``docs/testing-a-tool.md`` describes the file.
"""

import pathlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import jsonschema
import yaml

from minova.testing import servers
from minova.testing.asking import Asking, Refused

_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 255}
_COUNT: Final = {"type": "integer", "minimum": 0}
_MANY: Final = {"type": "integer", "minimum": 1}
_LIMIT: Final = {"type": "integer", "minimum": -1}
_QUOTAS: Final = (
    *("instances", "cores", "ram", "metadata_items", "key_pairs"),
    *("server_groups", "server_group_members"),
)
_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}


def _list(*required: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    item = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    return {"type": "array", "items": item}


SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "hosts": _list("name", name=_NAME, vcpus=_MANY, memory_mb=_MANY, zone=_NAME)
        | {"minItems": 1},
        "flavors": _list(
            *("name", "vcpus", "ram", "disk"),
            name=_NAME,
            id=_NAME,
            vcpus=_MANY,
            ram=_MANY,
            disk=_COUNT,
            ephemeral=_COUNT,
            swap=_COUNT,
            public={"type": "boolean"},
            extra_specs=_TEXTS,
        ),
        "images": _list(
            *("name", "id"),
            id={
                "type": "string",
                "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            },
            name=_NAME,
            min_ram=_COUNT,
            min_disk=_COUNT,
            properties={"type": "object"},
        ),
        "quotas": _list("project", project=_NAME, **dict.fromkeys(_QUOTAS, _LIMIT)),
        "keypairs": _list(
            *("user", "name", "public_key"),
            user=_NAME,
            name=_NAME,
            public_key=_NAME | {"maxLength": 16384},
        ),
        "servers": _list(
            *("name", "project"),
            name=_NAME,
            project=_NAME,
            user=_NAME,
            flavor=_NAME,
            image=_NAME,
            zone=_NAME,
            key=_NAME,
            metadata=_TEXTS,
            tags={"type": "array", "items": _NAME},
            state={"enum": list(servers.LEADS_TO)},
        ),
    },
    "additionalProperties": False,
}


class Wrong(Exception):
    """The seed is wrong; the text says what and where."""


def read(file: pathlib.Path) -> dict[str, Any]:
    """Read a seed and check it against the schema.

    Raises:
        Wrong: the file cannot be read, or is not a seed.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Wrong(f"{file}: {error.strerror}") from None
    except (ValueError, yaml.YAMLError) as error:
        raise Wrong(f"{file} is not YAML: {error}") from None
    document = {} if document is None else document
    wrong = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)
    )
    if wrong is not None:
        raise Wrong(f"{file}: {wrong.json_path.removeprefix('$.')}: {wrong.message}")
    read_document: dict[str, Any] = document
    return read_document


def apply(ask: Asking, document: Mapping[str, Any]) -> None:
    """Make everything that the seed says, as the admin of the cloud.

    Raises:
        Wrong: a flavor or image of a server does not exist, or a flavor exists
            already.  Nothing was changed.
        Refused: the cloud refused one request.  The earlier ones were carried out.
    """
    _check(ask, document)
    for what, make in (
        ("hosts", _zone),
        ("flavors", _flavor),
        ("images", _image),
        ("quotas", _quota),
        ("keypairs", _keypair),
    ):
        for n, wanted in enumerate(document.get(what, ())):
            with _named(f"{what}[{n}]"):
                make(ask, wanted)
    _servers(ask, document.get("servers", ()))


def _check(ask: Asking, document: Mapping[str, Any]) -> None:
    flavors = _known(ask, "/flavors/detail?is_public=None", "flavors")
    images = {
        name
        for image in ask("GET", "/image/v2/images?limit=1000")["images"]
        for name in (image["id"], image["name"])
    }
    for flavor in document.get("flavors", ()):
        for name in {flavor["name"], flavor.get("id", flavor["name"])} & flavors:
            raise Wrong(f"flavors: there is already a flavor {name}")
        flavors |= {flavor["name"], flavor.get("id", flavor["name"])}
    for image in document.get("images", ()):
        images |= {image["name"], image["id"]}
    for n, server in enumerate(document.get("servers", ())):
        for kind, known in (("flavor", flavors), ("image", images)):
            if kind in server and server[kind] not in known:
                raise Wrong(f"servers[{n}].{kind}: there is no {kind} {server[kind]}")


def _known(ask: Asking, path: str, what: str) -> set[str]:
    found = ask.compute("GET", path)[what]
    return {name for each in found for name in (each["id"], each["name"])}


def _zone(ask: Asking, host: Mapping[str, Any]) -> None:
    """Put a host into its zone.  ``minova up`` has made the host itself."""
    zone = host.get("zone")
    if zone is None:
        return
    aggregates = ask.compute("GET", "/os-aggregates")["aggregates"]
    ids = [one["id"] for one in aggregates if one["availability_zone"] == zone]
    if not ids:
        body = {"aggregate": {"name": zone, "availability_zone": zone}}
        ids = [ask.compute("POST", "/os-aggregates", body)["aggregate"]["id"]]
    added = {"add_host": {"host": host["name"]}}
    ask.compute("POST", f"/os-aggregates/{ids[0]}/action", added)


def _flavor(ask: Asking, flavor: Mapping[str, Any]) -> None:
    body = {name: flavor[name] for name in ("name", "vcpus", "ram", "disk")}
    body["id"] = flavor.get("id", flavor["name"])
    body["swap"] = flavor.get("swap", 0)
    body["OS-FLV-EXT-DATA:ephemeral"] = flavor.get("ephemeral", 0)
    body["os-flavor-access:is_public"] = flavor.get("public", True)
    ask.compute("POST", "/flavors", {"flavor": body})
    if flavor.get("extra_specs"):
        specs = {"extra_specs": flavor["extra_specs"]}
        ask.compute("POST", f"/flavors/{body['id']}/os-extra_specs", specs)


def _image(ask: Asking, image: Mapping[str, Any]) -> None:
    ask("POST", "/minova/v1/images", {"image": image})


def _quota(ask: Asking, quota: Mapping[str, Any]) -> None:
    limits = {name: limit for name, limit in quota.items() if name != "project"}
    project = quota["project"]
    project_id = ask.being(f"demo:{project}").identity.project_id
    path = f"/os-quota-sets/{project_id}"
    ask.compute("PUT", path, {"quota_set": {"force": True} | limits})


def _keypair(ask: Asking, keypair: Mapping[str, Any]) -> None:
    values = {"name": keypair["name"], "public_key": keypair["public_key"]}
    user_id = ask.being(f"{keypair['user']}:demo").identity.user_id
    values |= {"type": "ssh", "user_id": user_id}
    ask.compute("POST", "/os-keypairs", {"keypair": values})


def _servers(ask: Asking, wanted: Any) -> None:
    made = []
    for n, server in enumerate(wanted):
        owner = ask.being(f"{server.get('user', 'demo')}:{server['project']}")
        with _named(f"servers[{n}]"):
            server_id = servers.create(owner, **dict(_values(ask, server)))
        made.append((owner, server_id))
    for n, (owner, server_id) in enumerate(made):
        with _named(f"servers[{n}]"):
            servers.lead(owner, server_id, wanted[n].get("state", "active"))
            if "tags" in wanted[n]:
                tags = {"tags": wanted[n]["tags"]}
                owner.compute("PUT", f"/servers/{server_id}/tags", tags)


@contextmanager
def _named(where: str) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise Refused(refused.status, f"{where}: {refused}") from None


def _values(ask: Asking, server: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "name", server["name"]
    yield "flavorRef", servers.find(ask, "flavor", server.get("flavor", "m1.nano"))
    yield "imageRef", servers.find(ask, "image", server.get("image", "minova-tick"))
    for ours, theirs in (
        ("zone", "availability_zone"),
        ("key", "key_name"),
        ("metadata", "metadata"),
    ):
        if ours in server:
            yield theirs, server[ours]
