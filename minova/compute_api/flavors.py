# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Flavors, their extra specs, and access to private flavors."""

from collections.abc import Collection, Mapping

from minova import exception
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.flavor import Flavor, FlavorFilter


class FlavorAPI:
    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, context: RequestContext, flavorid: str) -> Flavor:
        """Find a flavor that the caller may use; an admin may use any.

        Raises:
            FlavorNotFound: it does not exist, or the caller may not use it.
        """
        flavor = self._db.flavor_get(flavorid, _project_of(context))
        if flavor is None:
            raise exception.FlavorNotFound(flavorid)
        return flavor

    def uuids(self, flavorids: Collection[str], project_id: str | None) -> list[str]:
        """Return the values of ``flavor_uuid`` that servers of these flavors have.

        Deleted flavors, and flavors that the project may not use, are left out.

        Args:
            project_id: None may use all flavors.
        """
        return self._db.flavor_uuids(flavorids, project_id)

    def get_all(
        self,
        context: RequestContext,
        wanted: FlavorFilter,
        limit: int,
        marker: str | None,
    ) -> list[Flavor]:
        """Return a page of flavors.

        Raises:
            MarkerNotFound: the caller may use no such flavor.
        """
        after = None
        if marker is not None:
            after = self._db.flavor_get(marker, _project_of(context))
            if after is None:
                raise exception.MarkerNotFound(marker)
        return self._db.flavor_list(wanted, limit, after)

    def create(self, flavor: Flavor) -> Flavor:
        """Create a flavor.  A private one can be used once a project is given access.

        Raises:
            FlavorIdExists, FlavorExists: its id, or its name, is taken.
        """
        self._db.flavor_create(flavor)
        return flavor

    def describe(
        self, context: RequestContext, flavorid: str, description: str | None
    ) -> Flavor:
        """Change a flavor's description.

        Raises:
            FlavorNotFound: it does not exist.
        """
        if not self._db.flavor_describe(flavorid, description):
            raise exception.FlavorNotFound(flavorid)
        return self.get(context, flavorid)

    def delete(self, flavorid: str) -> None:
        """Delete a flavor.  Servers keep their copy of it.

        Raises:
            FlavorNotFound: it does not exist.
        """
        if not self._db.flavor_delete(flavorid):
            raise exception.FlavorNotFound(flavorid)

    def set_specs(self, flavorid: str, specs: Mapping[str, str]) -> None:
        """Add or change extra specs.

        Raises:
            FlavorNotFound: it does not exist.
        """
        if not self._db.flavor_specs_set(flavorid, specs):
            raise exception.FlavorNotFound(flavorid)

    def delete_spec(self, flavor: Flavor, key: str) -> None:
        """Remove an extra spec.

        Raises:
            FlavorExtraSpecsNotFound: the flavor has no such spec.
        """
        if not self._db.flavor_spec_delete(flavor.flavorid, key):
            raise exception.FlavorExtraSpecsNotFound(flavor.flavorid, key)

    def access(self, flavor: Flavor) -> list[str]:
        """Return the projects that may use a private flavor."""
        return self._db.flavor_access_list(flavor.flavorid)

    def add_access(self, flavor: Flavor, project_id: str) -> None:
        """Let a project use a flavor.

        Raises:
            FlavorAccessExists: the project may use it already.
            FlavorNotFound: deleted meanwhile.
        """
        added = self._db.flavor_access_add(flavor.flavorid, project_id)
        if added is None:
            raise exception.FlavorNotFound(flavor.flavorid)
        if not added:
            raise exception.FlavorAccessExists(flavor.flavorid, project_id)

    def remove_access(self, flavor: Flavor, project_id: str) -> None:
        """Take a project's access to a flavor away.

        Raises:
            FlavorAccessNotFound: the project has no access.
        """
        if not self._db.flavor_access_remove(flavor.flavorid, project_id):
            raise exception.FlavorAccessNotFound(flavor.flavorid, project_id)


def _project_of(context: RequestContext) -> str | None:
    """Return the project whose private flavors the caller may use; None means all."""
    return None if context.is_admin else context.project_id or ""
