# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ: whether it accepts messages, and how many wait in the hosts' queues."""

import ssl
from collections.abc import Collection, Iterator
from typing import Final

from oslo_config import cfg

from minova import rpc
from minova.doctor import bounded
from minova.doctor.deployment import Deployment
from minova.doctor.findings import Finding, NotLooked, Said, Seen, finding
from minova.doctor.looks.management import Management, Unanswered
from minova.rpc import inspection
from minova.rpc.inspection import Node, Waiting

BACKLOG: Final = 64
"""Number of messages: n-cpu works on as many at the same time."""
_MANAGED: Final = "queues of former hosts, bindings, alarms"
_ALARMS: Final = {
    "mem_alarm": (
        "memory",
        "Give its machine memory, or: rabbitmqctl set_vm_memory_high_watermark 0.6",
    ),
    "disk_free_alarm": (
        "disk",
        "Make room on the disk of /var/lib/rabbitmq, or: rabbitmqctl "
        "set_disk_free_limit 50MB",
    ),
}


class Broker:
    """The RabbitMQ nodes of a deployment.

    Attributes:
        waiting: what each host's queue holds, after ``look_at_queues``.
        node: a node that answers, or None.
    """

    def __init__(self, deployment: Deployment, management_url: str | None) -> None:
        """Connect to nothing yet.

        Raises:
            cfg.Error: ``transport_url`` cannot be used.
        """
        self._deployment = deployment
        self._conf: cfg.ConfigOpts = deployment.conf
        self._management_url = management_url
        self._nodes = inspection.nodes(self._conf)
        self.node: Node | None = None
        self.waiting: dict[str, Waiting | None] = {}

    @property
    def management(self) -> Management:
        return Management(self.node or self._nodes[0], self._management_url)

    def look(self) -> Iterator[Said]:
        """Log in to every node."""
        if not self._nodes:
            yield Seen("RabbitMQ", "messages stay within the process")
            return
        looks = {
            node.address: lambda node=node: self._log_in(node) for node in self._nodes
        }
        answers = bounded.run(looks, bounded.LIMIT - 0.5)
        answering = [n for n in self._nodes if answers[n.address] is None]
        self.node = answering[0] if answering else None
        for node in self._nodes:
            error = answers[node.address]
            if error is None:
                yield Seen("RabbitMQ", f"{node.address} answers")
            elif answering:
                why = _reason(error)
                yield finding("broker-node-down", address=node.address, why=why)
        if not answering:
            yield self._refused(self._nodes[0], answers[self._nodes[0].address])

    def look_at_queues(self, hosts: Collection[str]) -> None:
        """Fill ``waiting``.

        Raises:
            OSError, inspection.Refused: the node went away.
        """
        if self.node is not None:
            with inspection.connected(self._conf, self.node, 2) as connection:
                self.waiting = inspection.waiting(connection, hosts)

    def look_at_management(self, hosts: Collection[str]) -> Iterator[Said]:
        """Ask for alarms, bindings, and queues of hosts that no longer exist.

        Args:
            hosts: all that have a service; empty if they are unknown.
        """
        try:
            yield from _alarms(self.management)
            if hosts:
                yield from self._queues(hosts)
            yield Seen("RabbitMQ", f"its management API at {self.management.url}")
        except Unanswered as error:
            yield NotLooked(_MANAGED, str(error), error.how)

    def delete_idle(self, queue: str) -> bool:
        """Delete a queue if it is empty and nobody reads it. Return whether it was so.

        Raises:
            OSError, Refused: the node went away, or minova's user may not do that.
        """
        assert self.node is not None
        with inspection.connected(self._conf, self.node, bounded.LIMIT) as connection:
            return inspection.delete_idle(connection, queue)

    def _queues(self, hosts: Collection[str]) -> Iterator[Said]:
        mine = {inspection.queue_of(host): host for host in hosts}
        head = inspection.queue_of("")
        # Every n-cpu also reads the queue without a host, for messages to all.
        for queue in self.management.queues():
            name = queue["name"]
            if name in mine:
                yield from self._bindings(name, mine[name])
            elif name.startswith(head) and not queue.get("consumers"):
                yield finding(
                    "queue-of-nobody",
                    queue=name,
                    messages=queue.get("messages", 0),
                    vhost=self.management.vhost,
                )

    def _bindings(self, queue: str, host: str) -> Iterator[Said]:
        if rpc.EXCHANGE not in self.management.exchanges_of(queue):
            yield finding(
                "queue-unbound",
                queue=queue,
                host=host,
                exchange=rpc.EXCHANGE,
                seconds=self._conf.compute.hearing_timeout,
                restart=self._deployment.restart("n-cpu"),
            )

    def _log_in(self, node: Node) -> None:
        with inspection.connected(self._conf, node, bounded.LIMIT - 1):
            pass

    def _refused(self, node: Node, error: Exception) -> Finding:
        restart = self._deployment.restart("RabbitMQ")
        seconds = self._conf.oslo_messaging_rabbit.rabbit_interval_max
        said = {"address": node.address, "seconds": seconds, "restart": restart}
        if isinstance(error, TimeoutError | bounded.Late):
            return finding("broker-silent", limit=f"{bounded.LIMIT - 1:g}", **said)
        if isinstance(error, inspection.Refused | ssl.SSLError):
            return finding(
                "broker-refuses",
                why=_reason(error),
                vhost=node.vhost,
                file=self._deployment.file,
                **said,
            )
        start = self._deployment.start("RabbitMQ")
        return finding("broker-away", why=_reason(error), start=start, **said)


def _alarms(management: Management) -> Iterator[Said]:
    for node in management.nodes():
        if not node.get("running"):
            why = "the other nodes do not reach it"
            yield finding("broker-node-down", address=node["name"], why=why)
        for key, (alarm, repair) in _ALARMS.items():
            if node.get(key):
                yield finding(
                    "broker-alarm", node=node["name"], alarm=alarm, repair=repair
                )


def _reason(error: Exception) -> str:
    if isinstance(error, bounded.Late):
        return "it does not answer"
    return str(getattr(error, "strerror", None) or error).rstrip(".")
