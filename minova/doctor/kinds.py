# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""THE TABLE of faults: what each is, what happens by itself, and what repairs it.

Causes come first: a row explains rows below it.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Final


class Severity(enum.StrEnum):
    ERROR = "error"
    """Requests are refused, or a server does not reach the state it should."""
    WARNING = "warning"
    """It works now, but badly, or it will stop working."""
    NOTE = "note"
    """An admin wanted it this way."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A row of the table. The look that finds it fills in the braces.

    Attributes:
        by_itself: what happens if nobody does anything, and when.
        repair: a command or a sentence; empty if it repairs itself.
        fix: what ``--fix`` does; empty if it does nothing.
    """

    name: str
    severity: Severity = Severity.ERROR
    what: str
    by_itself: str
    repair: str = ""
    fix: str = ""


_NOTHING: Final = "Nothing."
_SUPERVISED: Final = (
    "If it was killed, systemd, stack.sh's restart loop or Docker starts it again "
    "within seconds. If it was stopped by hand, it stays stopped."
)
_AGAIN: Final = (
    "Once the cause is gone, n-api and all hosts reconnect by themselves within "
    "{seconds} s."
)

ALL: Final = (
    Kind(
        name="options-wrong",
        what="The configuration {file} cannot be used: {why}.",
        by_itself="Running daemons keep their options. No daemon can be started.",
        repair="Correct the file, then start the daemons again: {start}",
    ),
    Kind(
        name="database-away",
        what="The database does not accept connections: {why}.",
        by_itself=f"{_AGAIN} Until then n-api answers 503, and hosts keep the results "
        "of their work until they can store them.",
        repair="{start}",
    ),
    Kind(
        name="database-silent",
        what="The database accepts connections but does not answer within {limit} s.",
        by_itself=f"{_AGAIN} Until then n-api answers 503.",
        repair="Look at its process and its disk. If it hangs, restart it: {restart}",
    ),
    Kind(
        name="database-refuses",
        what="The database refuses minova: {why}.",
        by_itself=_AGAIN,
        repair="Compare [database] connection in {file} with the accounts and "
        "max_connections of the database.",
    ),
    Kind(
        name="database-missing",
        what="There is no database file {path}.",
        by_itself="n-api answers 503 and n-cpu waits.",
        repair="As the user of n-api: minova-manage --config-file {file} db sync",
    ),
    Kind(
        name="schema-missing",
        what="The database has no tables.",
        by_itself="n-api answers 503 and n-cpu waits until the tables exist.",
        repair="minova-manage --config-file {file} db sync",
        fix="makes the tables",
    ),
    Kind(
        name="schema-behind",
        what="The tables are at revision {revision}. This version of minova needs "
        "{newest}.",
        by_itself="n-api of this version answers 503, and its n-cpu waits, until the "
        "tables are upgraded.",
        repair="minova-manage --config-file {file} db sync",
        fix="upgrades the tables; a migration only adds",
    ),
    Kind(
        name="schema-ahead",
        severity=Severity.WARNING,
        what="A later version of minova made the tables: revision {revision}. This one "
        "knows {newest}.",
        by_itself="Daemons of the version just before that one keep working.",
        repair="Upgrade minova on this machine.",
    ),
    Kind(
        name="database-locked",
        what="{holder} has held the write lock of the database for {limit} s or more.",
        by_itself="Reads work. Writes are answered 503 after {patience} s. They work "
        "again as soon as the lock is released.",
        repair="Wait for it to end. If it hangs: {end}",
    ),
    Kind(
        name="database-read-only",
        what="The database is read-only.",
        by_itself="Reads work, writes are answered 503. Daemons leave a former "
        "primary as soon as the address points to the new one.",
        repair="Point the address to the primary, or: SET GLOBAL read_only = OFF",
    ),
    Kind(
        name="database-slow",
        severity=Severity.WARNING,
        what="The database needed {seconds} s to read one row.",
        by_itself=_NOTHING,
        repair="Look at its machine: load, disk, SHOW FULL PROCESSLIST.",
    ),
    Kind(
        name="broker-away",
        what="RabbitMQ does not accept connections at {address}: {why}.",
        by_itself=f"{_AGAIN} The messages in its queues are kept. Until then n-api "
        "answers 503 to requests that need a host.",
        repair="{start}",
    ),
    Kind(
        name="broker-silent",
        what="RabbitMQ accepts connections at {address} but does not answer within "
        "{limit} s.",
        by_itself=f"{_AGAIN} Until then n-api answers 503.",
        repair="Look at its process. If it hangs, restart it: {restart}",
    ),
    Kind(
        name="broker-refuses",
        what="RabbitMQ at {address} refuses minova: {why}.",
        by_itself="n-api answers 503. Daemons try again every few seconds.",
        repair="Compare [DEFAULT] transport_url in {file} with: rabbitmqctl "
        "list_users; rabbitmqctl list_permissions --vhost {vhost}",
    ),
    Kind(
        name="broker-alarm",
        what="RabbitMQ ({node}) accepts no messages: its {alarm} alarm is on.",
        by_itself="n-api answers 503, and hosts seem to be down. Everything works "
        "again when the alarm is over.",
        repair="{repair}",
    ),
    Kind(
        name="broker-node-down",
        severity=Severity.WARNING,
        what="The RabbitMQ node {address} is away: {why}.",
        by_itself="The other nodes keep working, as long as they are more than half.",
        repair="Start RabbitMQ on that machine.",
    ),
    Kind(
        name="libvirt-away",
        what="libvirt cannot be reached at {uri}: {why}.",
        by_itself="Guests keep running. Actions fail, and that is recorded. When "
        "libvirtd is back, n-cpu connects at its next heartbeat (every {seconds} s) "
        "and compares all guests with their servers.",
        repair="{start}",
    ),
    Kind(
        name="libvirt-silent",
        what="libvirt at {uri} does not answer within {limit} s.",
        by_itself="Guests keep running. Each action fails after {timeout} s, and that "
        "is recorded. When libvirtd answers again, n-cpu works again and updates the "
        "servers to match their guests.",
        repair="Look at the process libvirtd. If it hangs, restart it: {restart}",
    ),
    Kind(
        name="api-away",
        what="Nobody answers at {url}.",
        by_itself=_SUPERVISED,
        repair="{start}",
    ),
    Kind(
        name="api-silent",
        what="n-api at {url} does not answer within {limit} s.",
        by_itself="Nothing, if its process is stopped (SIGSTOP) or the machine is "
        "overloaded.",
        repair="Look at n-api.log. If it hangs, restart it: {restart}",
    ),
    Kind(
        name="api-unavailable",
        what="n-api at {url} answers, but not to requests that need the database: "
        "{why}.",
        by_itself="It works again as soon as the database does.",
        repair="Run this command where minova.conf is, to see why: sudo minova doctor",
    ),
    Kind(
        name="keystone-away",
        what="Keystone gave this command no token: {why}.",
        by_itself="n-api accepts each token that it has already checked for 5 minutes. "
        "Requests with other tokens are answered 503 until Keystone is back.",
        repair="Start Keystone: {start}",
    ),
    Kind(
        name="no-host",
        what="There is no compute host: no n-cpu has ever reported.",
        by_itself="A create is accepted, then fails with `No valid host was found`.",
        repair="{start}",
    ),
    Kind(
        name="n-cpu-stopped",
        what="n-cpu of {host} does not run.",
        by_itself=f"{_SUPERVISED} When it runs again, it settles at once the actions "
        "that wait for it.",
        repair="{start}",
    ),
    Kind(
        name="n-cpu-frozen",
        what="n-cpu of {host} (process {pid}) was stopped by a signal.",
        by_itself="Nothing. Guests keep running, actions wait.",
        repair="sudo kill -CONT {pids}",
    ),
    Kind(
        name="queue-missing",
        what="RabbitMQ has no queue {queue}.",
        by_itself="If n-cpu runs, it declares the queue again within seconds. Actions "
        "whose messages were lost are settled within {settled} s.",
        repair="If it stays missing, restart n-cpu of that host: {restart}",
    ),
    Kind(
        name="queue-unheard",
        what="Nobody reads the queue {queue}. Messages in it: {messages}.",
        by_itself="If n-cpu of {host} runs, it reconnects by itself. When it starts, "
        "it settles the waiting actions.",
        repair="{start}",
    ),
    Kind(
        name="queue-unbound",
        what="The queue {queue} is not bound to the exchange {exchange}.",
        by_itself="n-cpu does not receive the messages that it sends to itself, and "
        "ends after {seconds} s. Its supervisor starts it again, which binds the "
        "queue.",
        repair="If it stays unbound, restart n-cpu of that host: {restart}",
    ),
    Kind(
        name="queue-backlog",
        severity=Severity.WARNING,
        what="The queue {queue} is long, although n-cpu reads it. Messages in it: "
        "{messages}.",
        by_itself="n-cpu reads one message after the other. An action that has waited "
        "for {grace} s is settled without its message.",
    ),
    Kind(
        name="queue-of-nobody",
        severity=Severity.WARNING,
        what="The queue {queue} belongs to a host that no longer exists. Messages in "
        "it: {messages}.",
        by_itself="Nothing: a quorum queue stays until somebody deletes it.",
        repair="rabbitmqctl delete_queue --vhost {vhost} {queue}",
        fix="deletes the queue, if it is empty and nobody reads it",
    ),
    Kind(
        name="host-down",
        what="Host {host} is down. Last heartbeat: {ago}. {why}",
        by_itself="It gets no new servers. Actions on its servers are accepted and "
        "wait. They are settled within {settled} s after the host is back.",
        repair="{start}",
    ),
    Kind(
        name="host-forced-down",
        severity=Severity.WARNING,
        what="Host {host} is down because an admin forced it down.",
        by_itself="Nothing, until an admin undoes this.",
        repair="openstack --os-compute-api-version 2.53 compute service set --up "
        "{host} nova-compute",
    ),
    Kind(
        name="host-disabled",
        severity=Severity.NOTE,
        what="Host {host} is disabled: {why}.",
        by_itself="It gets no new servers. Its existing servers keep running.",
        repair="openstack compute service set --enable {host} nova-compute",
    ),
    Kind(
        name="guest-start-hangs",
        what="libvirt says that it is still starting the guest of {server}, and lets "
        "nobody change the guest.",
        by_itself="Nothing. libvirtd was killed while it started the guest.",
        repair="Stop libvirtd, remove /run/libvirt/qemu/{name}.xml, start libvirtd, "
        "then: openstack server reboot --hard {server}",
    ),
    Kind(
        name="guest-frozen",
        what="The QEMU of server {server} (process {pid}) was stopped by a signal.",
        by_itself="Each action on it fails after {timeout} s, and that is recorded. "
        "When QEMU continues, n-cpu updates the server to match its guest. Other "
        "servers work.",
        repair="sudo kill -CONT {pid}",
    ),
    Kind(
        name="guest-silent",
        what="The guest of {server} ({name}) does not answer libvirt within {limit} s.",
        by_itself="Each action on it fails after {timeout} s, and that is recorded. "
        "When QEMU continues, n-cpu updates the server to match its guest. Other "
        "servers work.",
        repair="Look at its QEMU: pgrep -f guest={name}. If it hangs, end it with "
        "virsh destroy {name}. The server then becomes SHUTOFF.",
    ),
    Kind(
        name="guest-gone",
        what="Server {server} is {vm_state}, but libvirt has no guest for it.",
        by_itself="Nothing.",
        repair="If its files are there: openstack server reboot --hard {server}. "
        "Otherwise: openstack server delete {server}",
    ),
    Kind(
        name="guest-stopped",
        what="Server {server} is {vm_state}, but its guest is {guest}.",
        by_itself="n-cpu stops the server and records that: {seconds} s after "
        "libvirt's event, or after n-cpu's next look at all guests (every {sync} s).",
        repair="openstack server start {server}",
    ),
    Kind(
        name="guest-started",
        what="Server {server} is {vm_state}, but its guest is {guest}.",
        by_itself="n-cpu powers the guest off again, at libvirt's event or at n-cpu's "
        "next look at all guests (every {sync} s).",
        repair="If the server should run: openstack server start {server}",
    ),
    Kind(
        name="guest-led",
        severity=Severity.WARNING,
        what="Server {server} is {vm_state}, but somebody changed its guest: it is now "
        "{guest}.",
        by_itself="n-cpu updates the server to match its guest, at libvirt's event or "
        "at n-cpu's next look at all guests (every {sync} s).",
    ),
    Kind(
        name="guest-left",
        severity=Severity.WARNING,
        what="Server {server} is {vm_state}, but its guest is {guest}.",
        by_itself="Nothing: as in Nova, that is left to the user.",
        repair="{repair}",
    ),
    Kind(
        name="guest-of-nobody",
        severity=Severity.WARNING,
        what="libvirt has a guest {name} ({server}) of this deployment, but this host "
        "has no server with this id.",
        by_itself="Nothing: minova never removes a guest that is not in its database.",
        repair="Look at it first. To remove it: virsh destroy {name}; "
        "virsh undefine --managed-save {name}",
    ),
    Kind(
        name="claim-unknown",
        what="Server {server} has been {task_state} for {ago}: this version of minova "
        "does not know that task.",
        by_itself="Nothing: n-cpu leaves it alone.",
        repair="nova reset-state --active {server}, or delete the server. Then compare "
        "it with its guest.",
    ),
    Kind(
        name="claim-waits-for-host",
        what="Server {server} has been {task_state} for {ago}: {stage}. Host {host} is "
        "not there to finish it.",
        by_itself="It waits until n-cpu is back. Then it is settled within {settled} "
        "s.",
        repair="{start}",
    ),
    Kind(
        name="claim-not-begun",
        what="Server {server} has been {task_state} for {ago}: {stage}.",
        by_itself="Its host should have settled it within {settled} s after it was "
        "accepted. Something delays it.",
        repair="Find out what delays it: minova trace {request}",
    ),
    Kind(
        name="claim-unsaved",
        what="Server {server} has been {task_state} for {ago}: its guest is {guest}, "
        "so it is done, but not saved.",
        by_itself="n-cpu saves it as soon as the database accepts it. If n-cpu was "
        "killed, its next start settles it within {settled} s.",
        repair="Find out what delays it: minova trace {request}",
    ),
    Kind(
        name="claim-long",
        severity=Severity.WARNING,
        what="Server {server} has been {task_state} for {ago}: its host began to work "
        "on it {begun} ago. It should take {usual} s at most.",
        by_itself="It ends with its libvirt call, or fails, and that is recorded. If "
        "n-cpu died meanwhile, it is settled within {settled} s after n-cpu starts.",
        repair="Find out what delays it: minova trace {request}",
    ),
    Kind(
        name="disk-full",
        what="{path} ({what}) has {free} MiB left.",
        by_itself="Nothing. Databases, guests and images cannot be written there.",
        repair="Make room: du -xh --max-depth=2 {path} | sort -h",
    ),
    Kind(
        name="disk-low",
        severity=Severity.WARNING,
        what="{path} ({what}) has {free} MiB left, {percent} % of it.",
        by_itself="Images in the cache that no guest uses are removed after a day.",
        repair="Make room: du -xh --max-depth=2 {path} | sort -h",
    ),
    Kind(
        name="clock-differs",
        severity=Severity.WARNING,
        what="The clocks of this machine and of the database differ by {seconds} s.",
        by_itself="Nothing is lost: minova decides by the database's clock. But logs "
        "of several machines do not match, and Keystone's tokens may be refused.",
        repair="Synchronize both clocks: timedatectl set-ntp true",
    ),
)

BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in ALL}
