# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Aggregates, their hosts and their zones.  The database checks the rules."""

from collections.abc import Mapping, Sequence

from oslo_log import log as logging

from minova import exception
from minova.db.api import Database
from minova.objects.aggregate import ZONE_KEY, Aggregate

LOG = logging.getLogger(__name__)


class AggregateAPI:
    def __init__(self, db: Database) -> None:
        self._db = db

    def get_all(self) -> list[Aggregate]:
        """Return every aggregate, in the order of creation."""
        return self._db.aggregate_list()

    def get(self, aggregate_id: int) -> Aggregate:
        """Find an aggregate.

        Raises:
            AggregateNotFound: no aggregate has that id.
        """
        for aggregate in self.get_all():
            if aggregate.id == aggregate_id:
                return aggregate
        raise exception.AggregateNotFound(str(aggregate_id))

    def create(self, name: str, zone: str | None) -> Aggregate:
        """Create an aggregate without hosts.

        Raises:
            AggregateNameExists: another aggregate has that name.
        """
        return self._db.aggregate_create(name, {ZONE_KEY: zone} if zone else {})

    def update(
        self, aggregate_id: int, name: str | None, metadata: Mapping[str, str | None]
    ) -> Aggregate:
        """Change the name, or the zone, or both.  An error leaves both unchanged.

        Raises:
            AggregateNotFound: no aggregate has that id.
            AggregateNameExists: another aggregate has that name.
            CannotUpdateAggregate: the hosts may not be in that zone.
        """
        return self._db.aggregate_change(
            aggregate_id, metadata, exception.CannotUpdateAggregate, name=name
        )

    def set_metadata(
        self, aggregate_id: int, metadata: Mapping[str, str | None]
    ) -> Aggregate:
        """Change metadata items.  The value None removes an item.

        Raises:
            AggregateNotFound: no aggregate has that id.
            CannotUpdateAggregateMetadata: the hosts may not be in that zone.
        """
        return self._db.aggregate_change(
            aggregate_id, metadata, exception.CannotUpdateAggregateMetadata
        )

    def delete(self, aggregate_id: int) -> None:
        """Delete an aggregate.

        Raises:
            AggregateNotFound: no aggregate has that id.
            AggregateNotEmpty: it has hosts.
        """
        self._db.aggregate_delete(aggregate_id)

    def add_host(self, aggregate_id: int, host: str) -> Aggregate:
        """Add a host.  Its new servers are then in the aggregate's zone.

        Raises:
            ComputeHostNotFound, AggregateNotFound: it does not exist.
            CannotAddHost: the host may not change its zone.
            AggregateHostExists: the host is in the aggregate already.
        """
        return self._db.aggregate_add_host(aggregate_id, host)

    def remove_host(self, aggregate_id: int, host: str) -> Aggregate:
        """Remove a host.

        Raises:
            AggregateHostNotFound: the host is not in the aggregate, or does not exist.
            CannotRemoveHost: the host may not change its zone.
        """
        try:
            return self._db.aggregate_remove_host(aggregate_id, host)
        except (exception.AggregateHostNotFound, exception.CannotRemoveHost) as error:
            LOG.error(
                "Failed to remove host %s from aggregate %s. Error: %s",
                host,
                aggregate_id,
                error,
            )
            raise

    def cache_images(self, aggregate_id: int, image_ids: Sequence[str]) -> None:
        """Only log the request: a host fetches an image when it first needs it.

        Raises:
            AggregateNotFound: no aggregate has that id.
        """
        aggregate = self.get(aggregate_id)
        LOG.info(
            "Not caching image(s) %s on %d hosts: each fetches an image when it needs "
            "it first.",
            ",".join(image_ids),
            len(aggregate.hosts),
        )
