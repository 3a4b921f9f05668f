# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-migrations, and /servers/{server_id}/migrations: no server migrates live."""

from typing import Final

import falcon
from oslo_utils import strutils, timeutils

from minova import exception
from minova.api.answers import paging
from minova.api.front.microversion import since
from minova.api.front.request import Request, one_action, parse_json
from minova.api.migrations import view
from minova.api.migrations.schema import FORCE_COMPLETE, MIGRATIONS_QUERY
from minova.api.validation.no_query import takes_no_query
from minova.api.validation.schema import Query
from minova.compute_api.api import API
from minova.objects.instance import Instance
from minova.objects.migration import LIVE, MigrationFilter
from minova.policy import Enforcer

_ALL: Final = "os_compute_api:os-migrations:index"
_PAGED: Final = (2, 59)
_EQUAL: Final = (
    *("instance_uuid", "source_compute", "status", "migration_type"),
    *("user_id", "project_id"),
)


class MigrationsResource:
    def __init__(self, compute_api: API, enforcer: Enforcer, max_limit: int) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        """List migrations; since 2.59 in pages, the newest first.

        Raises:
            Invalid: also for a wrong marker, or a period that ends before it begins;
                400.
        """
        query = MIGRATIONS_QUERY.of(req.version).read(req.query_string)
        self._enforcer.authorize(req.caller, _ALL)
        project_id = query.get("project_id")
        if not project_id or project_id != req.caller.project_id:
            self._enforcer.authorize(req.caller, f"{_ALL}:all_projects")
        paged = req.version >= _PAGED
        limit = paging.limit_of(query, self._max_limit) if paged else None
        page = self._compute_api.migrations(
            _filter(query, newest_first=paged), limit, query.get("marker")
        )
        shows_hosts = self._enforcer.allows(req.caller, f"{_ALL}:host")
        uuids = [each.uuid for each in page]
        path, key = "os-migrations", "migrations_links"
        resp.media = {
            "migrations": [
                view.show(each, req.version, shows_hosts=shows_hosts) for each in page
            ],
            **paging.next_link(req, query, path, key, uuids, limit=limit),
        }


def _filter(query: Query, *, newest_first: bool) -> MigrationFilter:
    """Read the filter of a query.

    Raises:
        Invalid: the period ends before it begins.
    """
    period = {
        name: timeutils.normalize_time(timeutils.parse_isotime(query[name]))
        for name in ("changes-since", "changes-before")
        if name in query
    }
    if list(period.values()) != sorted(period.values()):
        raise exception.Invalid(
            "The value of changes-since must be less than or equal to changes-before."
        )
    return MigrationFilter(
        equal={name: query[name] for name in _EQUAL if name in query},
        host=query.get("host"),
        hidden=strutils.bool_from_string(query.get("hidden")),
        changes_since=period.get("changes-since"),
        changes_before=period.get("changes-before"),
        newest_first=newest_first,
    )


class _OfServer:
    def __init__(self, compute_api: API, enforcer: Enforcer) -> None:
        self._compute_api = compute_api
        self._enforcer = enforcer

    def _authorized(self, req: Request, server_id: str, verb: str) -> Instance:
        instance = self._compute_api.get(req.caller, server_id)
        rule = f"os_compute_api:servers:migrations:{verb}"
        self._enforcer.authorize(req.caller, rule, instance.project_id)
        return instance


class ServerMigrationsResource(_OfServer):
    """A server's live migrations in progress: none."""

    @since("2.23")
    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response, server_id: str) -> None:
        self._authorized(req, server_id, "index")
        resp.media = {"migrations": []}


class ServerMigrationResource(_OfServer):
    @since("2.23")
    @takes_no_query
    def on_get(
        self, req: Request, resp: falcon.Response, server_id: str, migration_id: str
    ) -> None:
        """Refuse to show a migration.

        Raises:
            NotFound: there is no such migration, it is not live, or it is over; 404.
        """
        instance = self._authorized(req, server_id, "show")
        found = self._compute_api.migration(instance, migration_id)
        if found is None:
            raise exception.LiveMigrationNotFound(migration_id, server_id)
        if found.migration_type != LIVE:
            raise exception.NotALiveMigration(migration_id, server_id)
        raise exception.LiveMigrationNotInProgress(migration_id, server_id)

    @since("2.24")
    def on_delete(
        self, req: Request, resp: falcon.Response, server_id: str, migration_id: str
    ) -> None:
        """Refuse to abort a migration.

        Raises:
            Conflict: the server does not migrate; 409.
        """
        instance = self._authorized(req, server_id, "delete")
        self._compute_api.abort_live_migration(req.caller, instance)


class ServerMigrationActionResource(_OfServer):
    """The only action of a live migration, ``force_complete``."""

    @since("2.22")
    def on_post(
        self, req: Request, resp: falcon.Response, server_id: str, migration_id: str
    ) -> None:
        """Refuse to complete a migration.

        Raises:
            Invalid: 400.
            Conflict: the server does not migrate; 409.
        """
        body = parse_json(req.read_body())
        action, _value = one_action(body)
        if action != "force_complete":
            raise exception.NoSuchAction(action)
        FORCE_COMPLETE.check(body)
        instance = self._authorized(req, server_id, "force_complete")
        self._compute_api.force_complete_live_migration(req.caller, instance)
