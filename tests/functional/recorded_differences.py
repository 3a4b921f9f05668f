# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers that differ from the recorded Nova, by the recording's number.

The reasons are in ``docs/differences-from-nova.md``.
"""

from collections.abc import Callable
from typing import Any, Final

from tests import recording
from tests.recording import Recording

# noauth2 accepts every user. With Keystone these answers are as recorded.
OF_KEYSTONE = {"043": 404, "062": 202, "065": 202}


# Values that depend on the machine. For numbers, only their presence is compared.
_NUMBERS = frozenset({"100", "101", "110", "125", "127"})
# libvirt's test driver has no disk statistics and no memory statistics.
_NOT_COUNTED = ("vda_", "memory-")
_OUR_FLAVORS = frozenset({"1", "2", "42"})


def expected(recorded: Recording) -> Any:
    """Return Nova's answer, with the parts replaced in which minova differs."""
    number = recorded.number
    told = recording.told(recorded.status, recorded.answered, recorded.answer)
    if number == "021":
        # Nova sends no request id with the list of versions.
        told["headers"]["request ids"] = 2
    if number in _CHANGED:
        told["body"] = _CHANGED[number](told["body"])
    elif isinstance(told["body"], dict):
        _take_out_what_is_not_here(told["body"])
    return told


def comparable(number: str, told: Any) -> Any:
    """Return an answer without the parts that depend on the machine."""
    return _without_numbers(told) if number in _NUMBERS else told


def _take_out_what_is_not_here(body: dict[str, Any]) -> None:
    """Remove Nova's scheduler and conductor, and DevStack's flavors."""
    if "services" in body:
        body["services"] = [
            each for each in body["services"] if each["binary"] == "nova-compute"
        ]
    if "flavors" in body:
        body["flavors"] = [
            each for each in body["flavors"] if each["id"] in _OUR_FLAVORS
        ]


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: each if key in {"status", "request ids"} else _without_numbers(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_without_numbers(each) for each in value]
    return "NUMBER" if type(value) is int else value


def _without_disk(body: Any) -> Any:
    return {
        key: value for key, value in body.items() if not key.startswith(_NOT_COUNTED)
    }


def _of_the_test_driver(body: Any) -> Any:
    return body | {"hypervisor": "test", "num_disks": 0, "disk_details": []}


def _without_node(body: Any) -> Any:
    """Minova has no column for the node, which is the host."""
    body["server"]["OS-EXT-SRV-ATTR:hypervisor_hostname"] = None
    return body


_CHANGED: Final[dict[str, Callable[[Any], Any]]] = {
    "125": _without_disk,
    "127": _of_the_test_driver,
    "145": _without_node,
}
