# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers, as the Compute API shows them."""

import dataclasses
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from minova.client.cloud import Cloud


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The fields of a server that commands need. States are not checked.

    Attributes:
        power_state: Nova's number.
        host: None without a host, or if the caller may not see it.
        host_shown: whether the caller may see the host.
        tags: None before API version 2.26.
        updated: by the cloud's clock, in whole seconds.
        fault: why the server is in ERROR, or an empty string.
    """

    id: str
    name: str
    vm_state: str
    task_state: str | None
    power_state: int | None
    host: str | None
    host_shown: bool
    tags: frozenset[str] | None
    updated: str
    fault: str

    @property
    def place(self) -> tuple[list[tuple[str, int]], str]:
        """The sort key: ``web-2`` comes before ``web-10``."""
        parts = re.findall(r"([^0-9]*)([0-9]*)", self.name)
        return [(text, int(number or 0)) for text, number in parts], self.id

    @property
    def is_deleted(self) -> bool:
        return self.vm_state == "deleted"


def show(cloud: Cloud, server_id: str) -> Server:
    """Get one server.

    Raises:
        Refused: with status 404 if it does not exist, or for another reason.
    """
    return read(cloud.compute("GET", f"/servers/{server_id}")["server"])


def every(cloud: Cloud, query: Mapping[str, str]) -> Iterator[Server]:
    """List servers, newest first, from all pages.

    Raises:
        Refused: with the answer's message.
    """
    marker: dict[str, str] = {}
    while True:
        asked = urllib.parse.urlencode({**query, **marker})
        page = cloud.compute("GET", f"/servers/detail?{asked}")
        yield from map(read, page["servers"])
        if "servers_links" not in page:
            return
        marker = {"marker": page["servers"][-1]["id"]}


def read(shown: Mapping[str, Any]) -> Server:
    tags = shown.get("tags")
    return Server(
        id=shown["id"],
        name=shown.get("name") or "",
        vm_state=shown.get("OS-EXT-STS:vm_state") or "",
        task_state=shown.get("OS-EXT-STS:task_state"),
        power_state=shown.get("OS-EXT-STS:power_state"),
        host=shown.get("OS-EXT-SRV-ATTR:host"),
        host_shown="OS-EXT-SRV-ATTR:host" in shown,
        tags=None if tags is None else frozenset(tags),
        updated=shown.get("updated") or "",
        fault=(shown.get("fault") or {}).get("message", ""),
    )
