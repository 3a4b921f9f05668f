# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Messages between n-api and n-cpu by oslo.messaging: delivered or failed in time."""

from minova.rpc.client import Client, Reservation
from minova.rpc.server import create_server, exposed, exposed_with, target
from minova.rpc.transport import EXCHANGE, TOPIC, create_transport
from minova.rpc.versions import understands

__all__ = [
    "EXCHANGE",
    "TOPIC",
    "Client",
    "Reservation",
    "create_server",
    "create_transport",
    "exposed",
    "exposed_with",
    "target",
    "understands",
]
