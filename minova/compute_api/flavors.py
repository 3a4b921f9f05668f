# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What may be asked about flavors."""

from collections.abc import Collection, Mapping

from minova import exception
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.flavor import Flavor, FlavorFilter


class FlavorAPI:
    """Flavors, their extra specs, and who may use the private ones."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, context: RequestContext, flavorid: str) -> Flavor:
        """Find a flavor that the caller may use; an admin may use any.

        Raises:
            FlavorNotFound: it does not exist, or is not for the caller.
        """
        flavor = self._db.flavor_get(flavorid, _project_of(context))
        if flavor is None:
            raise exception.FlavorNotFound(flavorid)
        return flavor

    def uuids(self, flavorids: Collection[str], project_id: str | None) -> list[str]:
        """What to find the servers by (``flavor_uuid``) that were made of flavors.

        Nothing of a flavor that is deleted, or that the project may not use; None may
        use any.
        """
        return self._db.flavor_uuids(flavorids, project_id)

    def get_all(
        self,
        context: RequestContext,
        wanted: FlavorFilter,
        limit: int,
        marker: str | None,
    ) -> list[Flavor]:
        """A page of flavors.

        Raises:
            MarkerNotFound: the marker is no flavor that the caller may use.
        """
        after = None
        if marker is not None:
            after = self._db.flavor_get(marker, _project_of(context))
            if after is None:
                raise exception.MarkerNotFound(marker)
        return self._db.flavor_list(wanted, limit, after)

    def create(self, flavor: Flavor) -> Flavor:
        """Make a flavor; a private one is nobody's until access is given to it.

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
        """Remove a flavor; its servers keep it.

        Raises:
            FlavorNotFound: it does not exist.
        """
        if not self._db.flavor_delete(flavorid):
            raise exception.FlavorNotFound(flavorid)

    def set_specs(self, flavorid: str, specs: Mapping[str, str]) -> None:
        """Add extra specs, or give them new values.

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
        """The projects that may use a private flavor."""
        return self._db.flavor_access_list(flavor.flavorid)

    def add_access(self, flavor: Flavor, project_id: str) -> None:
        """Let a project use a flavor.

        Raises:
            FlavorAccessExists: it may already.
            FlavorNotFound: deleted meanwhile.
        """
        added = self._db.flavor_access_add(flavor.flavorid, project_id)
        if added is None:
            raise exception.FlavorNotFound(flavor.flavorid)
        if not added:
            raise exception.FlavorAccessExists(flavor.flavorid, project_id)

    def remove_access(self, flavor: Flavor, project_id: str) -> None:
        """Let a project no longer use a flavor.

        Raises:
            FlavorAccessNotFound: it could not.
        """
        if not self._db.flavor_access_remove(flavor.flavorid, project_id):
            raise exception.FlavorAccessNotFound(flavor.flavorid, project_id)


def _project_of(context: RequestContext) -> str | None:
    """Whose flavors somebody may use beside the public ones; None: everybody's."""
    return None if context.is_admin else context.project_id or ""
