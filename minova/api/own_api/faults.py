# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/minova/v1/faults: faults on order."""

import falcon

from minova import exception
from minova.api.faults.orders import Orders
from minova.api.front.request import Request
from minova.api.own_api.shapes import answer
from minova.api.own_api.views import faults as views


class _Faults:
    def __init__(self, orders: Orders, *, only_admins: bool) -> None:
        """Serve orders.

        Args:
            only_admins: any other caller gets a 403.
        """
        self._orders = orders
        self._only_admins = only_admins

    def _check(self, req: Request) -> None:
        if self._only_admins and not req.caller.is_admin:
            raise exception.PolicyNotAuthorized("minova:faults")


class FaultsResource(_Faults):
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._check(req)
        found = self._orders.listed(req.get_param("project_id"))
        answer(req, resp, views.FAULTS, views.faults(found))

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Order a fault; raises Invalid: 400, Conflict: 409."""
        self._check(req)
        ordered = self._orders.order(req.read_json())
        answer(req, resp, views.FAULT, views.fault(ordered))
        resp.status = falcon.HTTP_201

    def on_delete(self, req: Request, resp: falcon.Response) -> None:
        """Take back all faults, or those of a project."""
        self._check(req)
        self._orders.clear(req.get_param("project_id"))
        resp.status = falcon.HTTP_204


class FaultResource(_Faults):
    def on_get(self, req: Request, resp: falcon.Response, fault_id: str) -> None:
        """Show it; raises NotFound: 404."""
        self._check(req)
        answer(req, resp, views.FAULT, views.fault(self._orders.get(fault_id)))

    def on_delete(self, req: Request, resp: falcon.Response, fault_id: str) -> None:
        """Take it back; raises NotFound: 404."""
        self._check(req)
        self._orders.take_back(fault_id)
        resp.status = falcon.HTTP_204
