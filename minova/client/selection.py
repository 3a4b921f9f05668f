# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The servers that a command is about."""

import dataclasses
import http
import re
from collections.abc import Iterable
from typing import Final

from minova.client import servers
from minova.client.cloud import Cloud, Refused
from minova.client.servers import Server

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Unresolved(Exception):
    """The selection is unknown, ambiguous or not possible. The text says why."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions on servers. A server must meet all of them.

    Attributes:
        words: ids and names; empty for any server.
        tags: the server must have all of them.
        name: must match somewhere in the server's name.
        all_projects: whether to include servers outside the caller's project.
    """

    words: tuple[str, ...] = ()
    host: str | None = None
    tags: tuple[str, ...] = ()
    name: re.Pattern[str] | None = None
    all_projects: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.host or self.tags or self.name)

    def query(self) -> dict[str, str]:
        """Return the query for the cloud, which ignores ``host`` from non-admins."""
        asked = {
            "all_tenants": "1" if self.all_projects else "",
            "host": self.host or "",
            "tags": ",".join(self.tags),
        }
        return {name: value for name, value in asked.items() if value}

    def fits(self, server: Server) -> bool:
        """Return whether a server meets all conditions except ``words``.

        Raises:
            Unresolved: the cloud does not show hosts or tags.
        """
        if self.host and not server.host_shown:
            raise Unresolved("Only admins see the hosts of servers and can use --host.")
        if self.tags and server.tags is None:
            raise Unresolved("This cloud has no tags: --tag needs API version 2.26.")
        return (
            (not self.host or server.host == self.host)
            and frozenset(self.tags) <= (server.tags or frozenset())
            and (self.name is None or self.name.search(server.name) is not None)
        )


def select(cloud: Cloud, selection: Selection) -> list[Server]:
    """Find the servers: in the order of ``words``, or else sorted by name.

    Raises:
        Unresolved: a word names no server or several, or see ``fits``.
        Refused: with the answer's message.
    """
    if selection.words:
        found: Iterable[Server] = _resolve(cloud, selection)
    else:
        listed = servers.every(cloud, selection.query())
        found = sorted(listed, key=lambda server: server.place)
    return [server for server in found if selection.fits(server)]


def _resolve(cloud: Cloud, selection: Selection) -> list[Server]:
    found: dict[str, Server] = {}
    wrong = []
    for word in dict.fromkeys(selection.words):
        named = _of_word(cloud, word, all_projects=selection.all_projects)
        found |= {server.id: server for server in named}
        if not named:
            wrong.append(f"There is no server {word}.")
        elif len(named) > 1:
            ids = ", ".join(server.id for server in named)
            wrong.append(f"{len(named)} servers are named {word}: {ids}.")
    if wrong:
        raise Unresolved(" ".join(wrong))
    return list(found.values())


def _of_word(cloud: Cloud, word: str, *, all_projects: bool) -> list[Server]:
    if _UUID.fullmatch(word):
        try:
            return [servers.show(cloud, word)]
        except Refused as refused:
            if refused.status != http.HTTPStatus.NOT_FOUND:
                raise
    # Databases differ in their regular expressions. All understand this one.
    query = {"name": re.sub(r"[^0-9A-Za-z_]+", ".*", word)}
    if all_projects:
        query["all_tenants"] = "1"
    return [server for server in servers.every(cloud, query) if server.name == word]
