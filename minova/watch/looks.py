# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The servers there are, looked at again and again for as little as can be."""

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
"""Seconds between two lists of all: not every change moves the time of the last."""
_OVERLAP: Final = datetime.timedelta(seconds=3)
"""What was written in a second may be seen in a later one only."""


class Looks:
    """Of a selection.  Named servers are shown one by one; others are listed.

    A list of thousands takes n-api seconds, so that it is asked twice a minute; in
    between ``changes-since`` brings what changed, by the cloud's own clock.

    Attributes:
        servers: as the last look saw them, by id.
    """

    def __init__(self, cloud: Cloud, selection: Selection) -> None:
        """Look for the first time.

        Raises:
            Unresolved: a server that is named is not there.
            Refused: with the words of the answer.
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
            Refused: nothing is known of what changed; ``servers`` stays.
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
        """What is asked: also for what is not selected any more."""
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
