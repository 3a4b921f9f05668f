# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/ips."""

from typing import Any

import falcon

from minova import exception
from minova.api.front.request import Request
from minova.api.servers.addresses.view import addresses
from minova.api.servers.one import OfServer
from minova.api.validation.no_query import takes_no_query


class AddressesResource(OfServer):
    """The addresses of a server, without the keys of Nova's old extensions."""

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        resp.media = {"addresses": self._read(req, server_id, "index")}

    @takes_no_query
    def on_get_one(
        self, req: Request, resp: falcon.Response, server_id: str, label: str
    ) -> None:
        """Show the addresses in one network.

        Raises:
            NotInNetwork: 404.
        """
        shown = self._read(req, server_id, "show")
        if label not in shown:
            raise exception.NotInNetwork
        resp.media = {label: shown[label]}

    def _read(
        self, req: Request, server_id: str, verb: str
    ) -> dict[str, list[dict[str, Any]]]:
        instance = self._authorized(req, server_id, f"os_compute_api:ips:{verb}")
        return addresses(instance, extended=False)
