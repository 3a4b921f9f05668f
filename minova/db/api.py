# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The ``Database`` with all of minova's questions.  Each change is one transaction."""

from minova.db.claims import Claims
from minova.db.flavor_details import FlavorDetails
from minova.db.flavors import Flavors
from minova.db.hosts.aggregates import Aggregates
from minova.db.hosts.hypervisors import Hypervisors
from minova.db.hosts.room import Hosts
from minova.db.hosts.services import Services
from minova.db.instances.changes import InstanceChanges
from minova.db.instances.lookup import Instances
from minova.db.instances.migrations import Migrations
from minova.db.instances.networks import Networks
from minova.db.instances.new import NewInstances
from minova.db.instances.unclaimed import Unclaimed
from minova.db.keypairs import Keypairs
from minova.db.quotas import Quotas
from minova.db.records import Records
from minova.db.server_groups import ServerGroups
from minova.db.usage import Usage


class Database(
    Claims,
    Unclaimed,
    NewInstances,
    Instances,
    InstanceChanges,
    Records,
    Hosts,
    Services,
    Hypervisors,
    Aggregates,
    Flavors,
    FlavorDetails,
    Keypairs,
    Quotas,
    Networks,
    ServerGroups,
    Usage,
    Migrations,
):
    """One method for each question; it returns plain data.

    Methods never return a session or a connection.  Every method raises
    ``DatabaseUnavailable`` if the database cannot be reached in time.
    """
