# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which servers a command is about."""

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
    """What was said does not tell which servers are meant; the text says why."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All that is said holds of each server that is meant.

    Attributes:
        words: ids and names; without one, any server is meant.
        tags: the server has all of them.
        name: is found somewhere in the server's name.
        all_projects: not only those of the caller's project.
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
        """What the cloud can look for itself; whoever may not ask by hosts gets all."""
        asked = {
            "all_tenants": "1" if self.all_projects else "",
            "host": self.host or "",
            "tags": ",".join(self.tags),
        }
        return {name: value for name, value in asked.items() if value}

    def fits(self, server: Server) -> bool:
        """Whether a server is meant, apart from ``words``.

        Raises:
            Unresolved: the cloud does not tell.
        """
        if self.host and not server.host_shown:
            raise Unresolved("Hosts are shown to admins only: --host needs one.")
        if self.tags and server.tags is None:
            raise Unresolved("This cloud knows no tags: --tag needs API version 2.26.")
        return (
            (not self.host or server.host == self.host)
            and frozenset(self.tags) <= (server.tags or frozenset())
            and (self.name is None or self.name.search(server.name) is not None)
        )


def select(cloud: Cloud, selection: Selection) -> list[Server]:
    """Find the servers, those of a list by name.

    Raises:
        Unresolved: a word is of no server, or of several.
        Refused: with the words of the answer.
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
    # Each database has regular expressions of its own; this one is the same to all.
    query = {"name": re.sub(r"[^0-9A-Za-z_]+", ".*", word)}
    if all_projects:
        query["all_tenants"] = "1"
    return [server for server in servers.every(cloud, query) if server.name == word]
