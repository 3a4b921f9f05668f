# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Client side of the compute RPC."""

from contextlib import AbstractContextManager
from typing import Any

from minova import rpc
from minova.context import RequestContext
from minova.objects.diagnostics import Diagnostics
from minova.vocabulary import instance_actions
from minova.vocabulary.instance_actions import Action


class ComputeAPI:
    """Calls ``ComputeManager`` on the server's host.

    A message carries the version that introduced its method, so an older host accepts
    the methods that it knows.  The table of actions has these versions
    (``rpc_version``).  ``get_console_output`` and ``get_diagnostics`` came with 1.0.
    """

    VERSION = instance_actions.RPC_VERSION
    FIRST_VERSION = "1.0"

    def __init__(self, transport: Any, delivery_timeout: float) -> None:
        self.delivery_timeout = delivery_timeout
        self._client = rpc.Client(
            transport, self.FIRST_VERSION, delivery_timeout=delivery_timeout
        )

    def close(self) -> None:
        """Send nothing more."""
        self._client.close()

    def reserve(self) -> AbstractContextManager[rpc.Reservation]:
        """Make sure, before a claim, that its message can be sent.

        Raises:
            BrokerUnavailable: RabbitMQ is known to be away.
        """
        return self._client.reserve()

    def cast(
        self,
        context: RequestContext,
        action: Action,
        host: str,
        instance_uuid: str,
        reservation: rpc.Reservation,
    ) -> None:
        """Cast an action to the server's host.

        The message brings only the UUID.  The host reads the row itself, so a message
        that waited in the queue never acts on an old state.

        Raises:
            ComputeHostUnreachable: RabbitMQ did not confirm the message.  It may still
                be delivered, even later.
        """
        self._client.cast(
            context,
            host,
            action.rpc_method,
            reservation,
            version=action.rpc_version,
            instance_uuid=instance_uuid,
        )

    def get_console_output(
        self, context: RequestContext, host: str, instance_uuid: str, tail: int | None
    ) -> str | None:
        """Read the last ``tail`` lines of a server's console.  None asks for all lines.

        Returns:
            The text, or None if the guest has no console.

        Raises:
            BrokerUnavailable: RabbitMQ is known to be away.
            ComputeHostUnreachable: the host did not answer within 4 s.
        """
        output: str | None = self._client.call(
            context,
            host,
            "get_console_output",
            timeout=4,
            instance_uuid=instance_uuid,
            tail=tail,
        )
        return output

    def get_diagnostics(
        self, context: RequestContext, host: str, instance_uuid: str
    ) -> Diagnostics | None:
        """Read the hypervisor's counters of a guest.

        Returns:
            The counters, or None if the guest does not run.

        Raises:
            ComputeHostUnreachable: the host did not answer within 10 s.
        """
        values = self._client.call(
            context, host, "get_diagnostics", timeout=10, instance_uuid=instance_uuid
        )
        return None if values is None else Diagnostics.from_message(values)
