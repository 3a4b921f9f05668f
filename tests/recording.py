# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Exchanges with a running Nova, read from files, and their comparison with minova."""

import dataclasses
import json
import pathlib
import re
from typing import Any, Self

import requests

# The recorded server, its image, its owner's project, and its first pause.
SERVER = "f0e0acc8-4813-4076-971f-4a2ddfae2b8d"
IMAGE = "442f3fbc-feae-41a7-8dcd-f5b256293be1"
PROJECT = "dc0dabb768b542fcb2a9084eb4dd4d4b"
PAUSE = "req-fdf5c6b1-3b48-47c7-8a53-11e70c31584b"

_COMPARED = (
    *("Content-Type", "OpenStack-API-Version", "X-OpenStack-Nova-API-Version"),
    *("Vary", "Location", "WWW-Authenticate"),
)
_REQUEST_IDS = ("x-openstack-request-id", "x-compute-request-id")
# Names and times that are different here.
_PATTERNS = (
    (r"http://127\.0\.0\.1:\d+", "URL"),
    (r"req-[0-9a-f-]{36}", "REQUEST"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "TIME"),
    (r"\b[0-9a-f]{56}\b", "HOSTID"),
    (r"instance-[0-9a-f]{8}", "INSTANCE"),
    (r"r-[a-z0-9]{8}\b", "RESERVATION"),
    (r"(?<=URL/v2\.1/)([0-9a-f]{32}|demo)(?=/)", "PROJECT"),
    (r"(?<=URL/)([0-9a-f]{32}|demo)(?=/)", "PROJECT"),
    (r"'[0-9a-f]{32}'|'demo'", "'PROJECT'"),
    (r"^([0-9a-f]{32}|demo)$", "PROJECT"),
)
_NAMED = frozenset(
    {
        *("adminPass", "user_id", "tenant_id", "project_id"),
        *("host", "OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:hypervisor_hostname"),
        "hypervisor_hostname",
    }
)


@dataclasses.dataclass(frozen=True)
class Recording:
    """One exchange.

    Attributes:
        body: the body of the request, as it was sent.
        answer: the text of the answer.
    """

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answered: dict[str, str]
    answer: str

    @property
    def number(self) -> str:
        return self.name[:3]

    @classmethod
    def read(cls, file: pathlib.Path) -> Self:
        request, answer = file.read_text().split("\n---\n", 1)
        head, _, body = request.partition("\n\n")
        line, *headers = head.splitlines()
        method, path, _protocol = line.split(" ")
        answer_head, _, text = answer.partition("\n\n")
        status_line, *answer_headers = answer_head.splitlines()
        return cls(
            name=file.stem,
            method=method,
            path=path,
            headers=_headers(headers),
            body=body.removesuffix("\n"),
            status=int(status_line.split(" ")[1]),
            answered=_headers(answer_headers),
            answer=text.removesuffix("\n"),
        )

    def send(
        self, url: str, token: str | None, replace: dict[str, str]
    ) -> requests.Response:
        """Send the same request to minova, with its own names in it."""
        path, body = self.path, self.body
        for recorded, own in replace.items():
            path, body = path.replace(recorded, own), body.replace(recorded, own)
        headers: dict[str, str | None] = {
            name: value
            for name, value in self.headers.items()
            if name not in ("X-Auth-Token", "Content-Length")
        }
        # None: otherwise requests adds an Accept header.
        headers.setdefault("Accept", None)
        if token is not None:
            headers["X-Auth-Token"] = token
        return requests.request(
            self.method,
            url + path,
            data=body if "Content-Type" in self.headers else None,
            headers=headers,
            timeout=60,
        )


def _headers(lines: list[str]) -> dict[str, str]:
    """Return the headers. In HTTP, a repeated header is one with two values."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        name = "Location" if name == "location" else name
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def told(status: int, headers: Any, text: str) -> dict[str, Any]:
    """Return the compared parts of an answer, without the names of this run."""
    compared: dict[str, str | int] = {
        name: _anonymous(headers[name]) for name in _COMPARED if name in headers
    }
    compared["request ids"] = sum(name in headers for name in _REQUEST_IDS)
    is_json = "json" in headers.get("Content-Type", "") and text
    return {
        "status": status,
        "headers": compared,
        "body": _of(json.loads(text)) if is_json else text,
    }


def _of(value: Any, name: str = "") -> Any:
    if name in _NAMED and value:
        return name.upper()
    if isinstance(value, dict):
        return {key: _of(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_of(each, name) for each in value]
    return _anonymous(value) if isinstance(value, str) else value


def _anonymous(text: str) -> str:
    for pattern, word in _PATTERNS:
        text = re.sub(pattern, word, text)
    return text
