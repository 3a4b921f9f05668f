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
"""Seconds between two lists of all: what left a host, or lost a tag, is in no other."""
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
        self.servers = {server.id: server for server in select(cloud, selection)}
        self._listed_at = time.monotonic()

    def again(self) -> None:
        """Look again.

        Raises:
            Refused: nothing is known of what changed; ``servers`` stays.
        """
        if self._selection.words:
            shown = [self._show(server_id) for server_id in self.servers]
            self.servers = _by_id(server for server in shown if server)
        elif time.monotonic() - self._listed_at > _ALL_AGAIN or not self.servers:
            self.servers = _by_id(select(self._cloud, self._selection))
            self._listed_at = time.monotonic()
        else:
            changed = servers.every(self._cloud, self._selection.query() | self._since)
            fits = self._selection.fits
            found = self.servers | _by_id(each for each in changed if fits(each))
            self.servers = _by_id(found.values())

    @property
    def _since(self) -> dict[str, str]:
        newest = max(server.updated for server in self.servers.values())
        since = datetime.datetime.fromisoformat(newest) - _OVERLAP
        return {"changes-since": since.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _show(self, server_id: str) -> Server | None:
        try:
            return servers.show(self._cloud, server_id)
        except Refused as refused:
            if refused.status == http.HTTPStatus.NOT_FOUND:
                return None
            raise


def _by_id(found: Iterable[Server]) -> dict[str, Server]:
    return {server.id: server for server in found if not server.is_deleted}
