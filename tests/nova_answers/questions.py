# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests, always the same ones. Nearly all of them have one error."""

import copy
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

IMAGE: Final = "8cc68639-c302-441d-9aab-b493b94f7f6e"
SERVER: Final = "{server}"
"""Stands for the id of demo's server, in paths, bodies and answers."""

_WRONG: Final[Sequence[Any]] = (
    *(
        None,
        True,
        -1,
        1.5,
        "",
        " ",
        " a ",
        "a" * 256,
        "a\a",
        "\U0001f600",
        "a/b",
        "a,b",
    ),
    *([], {}, ["a"], [None], ["a", "a"], {"a": 1}),
)


@dataclasses.dataclass(frozen=True)
class Question:
    """A request.

    Attributes:
        path: below ``/v2.1``.
        user: a user of ``noauth2``, in the project of the same name.
    """

    method: str
    path: str
    version: str
    user: str
    body: Any = None


class _Good(NamedTuple):
    """A correct request, and the versions at which it is sent."""

    method: str
    path: str
    versions: str
    user: str
    body: Any


# No key pair has this name. So a request that is otherwise correct is refused, and
# makes no server.
_SERVER: Final[dict[str, Any]] = {
    "name": "x",
    "imageRef": IMAGE,
    "flavorRef": "42",
    "key_name": "nokey",
    "metadata": {"k": "v"},
    "availability_zone": "nova",
    "user_data": "aGk=",
    "config_drive": True,
    "security_groups": [{"name": "default"}],
    "min_count": 1,
    "max_count": 1,
    "OS-DCF:diskConfig": "AUTO",
    "accessIPv4": "192.0.2.1",
    "block_device_mapping_v2": [
        {
            "boot_index": 0,
            "uuid": IMAGE,
            "source_type": "image",
            "destination_type": "local",
        }
    ],
}
_HINTS: Final = {"os:scheduler_hints": {"group": IMAGE, "build_near_host_ip": "::1"}}
_FLAVOR: Final = {"name": "f", "id": "f", "ram": 64, "vcpus": 1, "disk": 1, "swap": 1}
_SERVICE: Final = {"host": "host-1", "binary": "nova-compute"}
_ACTION: Final = f"/servers/{SERVER}/action"
_SINCE_294: Final = {"networks": "none", "hostname": "h", "tags": ["a"]}


def _server(**more: Any) -> dict[str, Any]:
    return {"server": _SERVER | more}


_GOOD: Final = (
    _Good("POST", "/servers", "2.1", "demo", _server() | _HINTS),
    _Good("POST", "/servers", "2.19", "demo", _server(description="d")),
    _Good("POST", "/servers", "2.67", "demo", _server(networks=[{"uuid": IMAGE}])),
    _Good("POST", "/servers", "2.90", "demo", _server(networks="auto", hostname="ho")),
    _Good("POST", "/servers", "2.104", "admin", _server(**_SINCE_294)),
    _Good("PUT", f"/servers/{SERVER}", "2.1 2.104", "demo", {"server": {"name": "s"}}),
    _Good("PUT", f"/servers/{SERVER}", "2.90", "demo", {"server": {"hostname": "ho"}}),
    _Good(
        "POST", f"/servers/{SERVER}/metadata", "2.1", "demo", {"metadata": {"k": "v"}}
    ),
    _Good("PUT", f"/servers/{SERVER}/metadata/k", "2.1", "demo", {"meta": {"k": "v"}}),
    _Good("PUT", f"/servers/{SERVER}/tags", "2.26", "demo", {"tags": ["a", "b"]}),
    _Good("POST", _ACTION, "2.1", "demo", {"os-getConsoleOutput": {"length": 5}}),
    _Good("POST", _ACTION, "2.73", "demo", {"lock": {"locked_reason": "r"}}),
    _Good("POST", _ACTION, "2.1", "admin", {"os-resetState": {"state": "active"}}),
    _Good("POST", "/flavors", "2.1 2.102", "admin", {"flavor": _FLAVOR}),
    _Good("POST", "/flavors", "2.1", "demo", {"flavor": _FLAVOR}),
    _Good(
        *("POST", "/flavors/42/os-extra_specs", "2.86", "admin"),
        {"extra_specs": {"hw:cpu_policy": "shared", "k": "v"}},
    ),
    _Good("POST", "/os-keypairs", "2.1 2.92", "demo", {"keypair": {"name": "k/"}}),
    _Good("PUT", "/os-quota-sets/p", "2.1 2.57", "admin", {"quota_set": {"ram": "6"}}),
    _Good(
        *("PUT", "/os-quota-class-sets/default", "2.1 2.50", "admin"),
        {"quota_class_set": {"ram": 51200}},
    ),
    _Good(
        *("POST", "/os-server-external-events", "2.1 2.82", "admin"),
        {"events": [{"server_uuid": SERVER, "name": "network-changed", "tag": "t"}]},
    ),
    _Good("PUT", "/os-services/force-down", "2.11", "admin", _SERVICE),
    _Good("PUT", "/os-services/enable", "2.1", "admin", _SERVICE),
    _Good("PUT", f"/os-services/{IMAGE}", "2.53", "admin", {"status": "enabled"}),
)
_QUERIES: Final = {
    "/servers": ("limit", "marker", "sort_dir", "changes-since", "deleted", "status"),
    "/flavors": ("limit", "marker", "sort_key", "sort_dir", "minRam", "is_public"),
    "/os-keypairs": ("limit", "marker", "user_id"),
    "/os-hypervisors": ("limit", "marker", "hypervisor_hostname_pattern"),
    f"/servers/{SERVER}/os-instance-actions": ("limit", "marker", "changes-before"),
    "/limits": ("tenant_id", "reserved"),
    "/os-services": ("host", "nonsense"),
}


def questions() -> Iterator[Question]:
    """Return all requests."""
    for good in _GOOD:
        for version in good.versions.split():
            for body in _bodies(good.body):
                yield Question(good.method, good.path, version, good.user, body)
    for path, names in _QUERIES.items():
        for name in names:
            for value in ("", "-1", "a", "1.5", "2", "%20"):
                for version in ("2.1", "2.104"):
                    yield Question("GET", f"{path}?{name}={value}", version, "admin")


def _bodies(good: Any) -> Iterator[Any]:
    yield good
    for place in _places(good):
        *above, last = place
        for wrong in _WRONG:
            yield _changed(good, above, {last: wrong})
        if isinstance(last, str):
            yield _changed(good, above, {"extra": 1})
            without = copy.deepcopy(good)
            del _at(without, above)[last]
            yield without
    yield from ([], {}, "x", 1, {"x": 1}, good | {"x": 1})


def _places(thing: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = thing.items() if isinstance(thing, dict) else ()
    for key, value in enumerate(thing) if isinstance(thing, list) else inside:
        yield (*above, key)
        yield from _places(value, (*above, key))


def _changed(good: Any, above: Sequence[Any], values: dict[Any, Any]) -> Any:
    wrong = copy.deepcopy(good)
    for key, value in values.items():
        _at(wrong, above)[key] = value
    return wrong


def _at(thing: Any, place: Sequence[Any]) -> Any:
    for key in place:
        thing = thing[key]
    return thing
