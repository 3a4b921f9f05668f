# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Database: every question minova asks, each one transaction."""

from minova.db.claims import Claims
from minova.db.flavor_details import FlavorDetails
from minova.db.flavors import Flavors
from minova.db.hosts import Hosts
from minova.db.hypervisors import Hypervisors
from minova.db.instance_changes import InstanceChanges
from minova.db.instances import Instances
from minova.db.keypairs import Keypairs
from minova.db.networks import Networks
from minova.db.new_instances import NewInstances
from minova.db.quotas import Quotas
from minova.db.records import Records
from minova.db.services import Services
from minova.db.unclaimed import Unclaimed


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
    Flavors,
    FlavorDetails,
    Keypairs,
    Quotas,
    Networks,
):
    """One method for each question, each answering plain data.

    No session and no connection leaves a method.  Every method raises
    ``DatabaseUnavailable`` when the database cannot be reached in time.
    """
