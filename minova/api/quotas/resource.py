# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-quota-sets, /os-quota-class-sets and /limits."""

from typing import Any, Final

import falcon
from falcon import Response
from oslo_utils import strutils

from minova import exception
from minova.api.front.request import Request
from minova.api.quotas import limits_view
from minova.api.quotas import schema as schemas
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.projects.quotas import Quotas
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-quota-sets"
_CLASS_RULE: Final = "os_compute_api:os-quota-class-sets"
_LONGEST: Final = 255


class _Quotas:
    def __init__(self, quotas: Quotas, enforcer: Enforcer) -> None:
        self._quotas = quotas
        self._enforcer = enforcer


class QuotaSetResource(_Quotas):
    """The quotas of a project, or of a user in it."""

    def on_get(self, req: Request, resp: Response, tenant_id: str) -> None:
        user_id = _user(req)
        self._enforcer.authorize(req.caller, f"{_RULE}:show", tenant_id)
        limits = self._quotas.limits(tenant_id, user_id)
        resp.media = {"quota_set": {"id": tenant_id, **_shown(req, limits)}}

    def on_get_detail(self, req: Request, resp: Response, tenant_id: str) -> None:
        user_id = _user(req)
        self._enforcer.authorize(req.caller, f"{_RULE}:detail", tenant_id)
        limits = _shown(req, self._quotas.limits(tenant_id, user_id))
        used = self._quotas.used(tenant_id, user_id)
        detail = {
            name: {"limit": limit, "in_use": used[name], "reserved": 0}
            for name, limit in limits.items()
        }
        resp.media = {"quota_set": {"id": tenant_id, **detail}}

    def on_get_defaults(self, req: Request, resp: Response, tenant_id: str) -> None:
        self._enforcer.authorize(req.caller, f"{_RULE}:defaults", tenant_id)
        limits = self._quotas.defaults()
        resp.media = {"quota_set": {"id": tenant_id, **_shown(req, limits)}}

    def on_put(self, req: Request, resp: Response, tenant_id: str) -> None:
        """Set limits.

        Raises:
            Invalid: malformed, or below the usage without ``force``; 400.
        """
        body = req.read_json()
        schemas.QUOTA_UPDATE.of(req.version).check(body)
        user_id = _user(req)
        self._enforcer.authorize(req.caller, f"{_RULE}:update", tenant_id)
        asked = body["quota_set"]
        force = strutils.bool_from_string(asked.pop("force", False))
        limits = {name: int(limit) for name, limit in asked.items()}
        self._quotas.update(tenant_id, user_id, limits, force=force)
        now = self._quotas.limits(tenant_id, user_id)
        resp.media = {"quota_set": _shown(req, now)}

    def on_delete(self, req: Request, resp: Response, tenant_id: str) -> None:
        """Go back to the defaults."""
        user_id = _user(req)
        self._enforcer.authorize(req.caller, f"{_RULE}:delete", tenant_id)
        self._quotas.delete(tenant_id, user_id)
        resp.status = falcon.HTTP_202


class QuotaClassSetResource(_Quotas):
    """The quotas of a class; projects without their own quotas use ``default``."""

    @takes_no_query
    def on_get(self, req: Request, resp: Response, class_name: str) -> None:
        self._enforcer.authorize(req.caller, f"{_CLASS_RULE}:show")
        limits = self._quotas.class_limits(class_name)
        shown = _shown_of_class(req, limits)
        resp.media = {"quota_class_set": {"id": class_name, **shown}}

    def on_put(self, req: Request, resp: Response, class_name: str) -> None:
        """Set limits.

        Raises:
            Invalid: malformed, or the name is too long; 400.
        """
        body = req.read_json()
        schemas.CLASS_UPDATE.of(req.version).check(body)
        self._enforcer.authorize(req.caller, f"{_CLASS_RULE}:update")
        if len(class_name) > _LONGEST:
            raise exception.Invalid(
                f"quota_class_name has {len(class_name)} characters, more than "
                f"{_LONGEST}."
            )
        asked = body["quota_class_set"]
        limits = {name: int(limit) for name, limit in asked.items()}
        # The column holds 64 characters. A cut name is harmless: only default counts.
        self._quotas.set_class(class_name[:64], limits)
        now = self._quotas.class_limits(class_name)
        resp.media = {"quota_class_set": _shown_of_class(req, now)}


class LimitsResource(_Quotas):
    """The limits of the caller's project; admins may name another project."""

    def on_get(self, req: Request, resp: Response) -> None:
        query = schemas.LIMITS_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, "os_compute_api:limits")
        project_id = req.caller.project_id or ""
        if "tenant_id" in query:
            project_id = query["tenant_id"]
            self._enforcer.authorize(req.caller, "os_compute_api:limits:other_project")
        resp.media = limits_view.limits(
            req, self._quotas.limits(project_id), self._quotas.used(project_id)
        )


def _user(req: Request) -> str | None:
    query = schemas.QUOTA_QUERY.of(req.version).read(req.query_string)
    return query.get("user_id") or None


def _shown(req: Request, limits: dict[str, Any]) -> dict[str, Any]:
    return {name: limits[name] for name in schemas.SHOWN.of(req.version)}


def _shown_of_class(req: Request, limits: dict[str, Any]) -> dict[str, Any]:
    return {name: limits[name] for name in schemas.SHOWN_OF_CLASS.of(req.version)}
