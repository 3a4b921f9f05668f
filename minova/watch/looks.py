# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Polls the servers with as few requests as possible."""

import datetime
import http
import time
from collections.abc import Iterable
from typing import Final

from minova.client import servers
from minova.client.cloud import Cloud, Refused
from minova.client.selection import Selection, select
from minova.client.servers import Server

_ALL_AGAIN: Final = 30.0
"""Seconds between two full lists: some changes do not change ``updated``."""
_OVERLAP: Final = datetime.timedelta(seconds=3)
"""A change may become visible some seconds after its ``updated`` time."""


class Looks:
    """Looks at a selection: one by one if the servers are named, else by lists.

    n-api needs seconds for a list of thousands, so a full list is read only twice a
    minute. In between, ``changes-since`` returns the changes, by the cloud's clock.

    Attributes:
        servers: the result of the last look, by id.
    """

    def __init__(self, cloud: Cloud, selection: Selection) -> None:
        """Look for the first time.

        Raises:
            Unresolved: a named server does not exist, or see ``Selection.fits``.
            Refused: with the answer's message.
        """
        self._cloud = cloud
        self._selection = selection
        self._newest = ""
        self.servers: dict[str, Server] = {}
        self._take(select(cloud, selection))
        self._listed_at = time.monotonic()

    def again(self) -> None:
        """Look again.

        Raises:
            Refused: the look failed, and ``servers`` did not change.
        """
        if self._selection.words:
            shown = [self._show(server_id) for server_id in self.servers]
            self.servers = {server.id: server for server in shown if server}
        elif time.monotonic() - self._listed_at > _ALL_AGAIN or not self._newest:
            listed = select(self._cloud, self._selection)
            self.servers = {}
            self._take(listed)
            self._listed_at = time.monotonic()
        else:
            self._take(list(servers.every(self._cloud, self._changes)))

    @property
    def _changes(self) -> dict[str, str]:
        """The query for all changes, so servers that no longer match are seen too."""
        since = datetime.datetime.fromisoformat(self._newest) - _OVERLAP
        asked = {"changes-since": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return asked | ({"all_tenants": "1"} if self._selection.all_projects else {})

    def _take(self, found: Iterable[Server]) -> None:
        kept = dict(self.servers)
        for server in found:
            self._newest = max(self._newest, server.updated)
            if self._selection.fits(server) and not server.is_deleted:
                kept[server.id] = server
            else:
                kept.pop(server.id, None)
        self.servers = kept

    def _show(self, server_id: str) -> Server | None:
        try:
            return servers.show(self._cloud, server_id)
        except Refused as refused:
            if refused.status == http.HTTPStatus.NOT_FOUND:
                return None
            raise
