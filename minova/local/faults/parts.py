# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a cloud that carry out faults, and how they are put into it."""

import dataclasses

from oslo_config import cfg

from minova import connections
from minova.api.faults.kinds import Part
from minova.api.faults.orders import Orders
from minova.api.faults.registry import Faults
from minova.connections import Connections
from minova.db.connection import engine
from minova.local.faults.broker import FaultyBroker
from minova.local.faults.guests import Guests
from minova.local.faults.scheduler import FaultyDatabase
from minova.local.hosts import Hosts
from minova.rpc import in_process


def connect(conf: cfg.ConfigOpts, transport: str, faults: Faults) -> Connections:
    """Make the connections of a cloud, as ``connections.create`` does, with faults.

    Args:
        transport: the path of ``transport_url``, different for each cloud of a process.
    """
    in_process.gates[transport] = FaultyBroker(faults)
    try:
        connected = connections.create(conf)
    finally:
        # The transport holds its gate by now.
        del in_process.gates[transport]
    return dataclasses.replace(
        connected, db=FaultyDatabase(engine.create(conf), faults)
    )


def orders(faults: Faults, connected: Connections, hosts: Hosts) -> Orders:
    """Make the orders of a cloud, which accept faults of every kind."""
    return Orders(
        faults,
        connected.db,
        dict.fromkeys(Part) | {Part.HOST: hosts, Part.GUEST: Guests(hosts, faults)},
    )
