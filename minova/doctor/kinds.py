# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""THE TABLE of what can be wrong: what it is, what happens by itself, what repairs it.

The order is that of causes: what stands further up explains what stands further down.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Final


class Severity(enum.StrEnum):
    ERROR = "error"
    """Requests are refused, or a server does not get where it should be."""
    WARNING = "warning"
    """It works, and will not go on working, or does not go well."""
    NOTE = "note"
    """Somebody wanted it so."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A row; what stands in braces is filled in by who finds it.

    Attributes:
        by_itself: what happens when nobody does anything, and when.
        repair: a command, or a sentence; empty where it repairs itself.
        fix: what ``--fix`` does; empty where it does nothing.
    """

    name: str
    severity: Severity = Severity.ERROR
    what: str
    by_itself: str
    repair: str = ""
    fix: str = ""


_NOTHING: Final = "Nothing."
_SUPERVISED: Final = (
    "One that was killed is started again by systemd, by stack.sh's restart loop or by "
    "Docker within seconds. One that was stopped by hand stays stopped."
)
_AGAIN: Final = (
    "n-api and all hosts connect by themselves within {seconds} s of its being back."
)

ALL: Final = (
    Kind(
        name="options-wrong",
        what="The configuration {file} cannot be used: {why}.",
        by_itself="Running daemons go on with what they read. None can be started.",
        repair="Correct the file, then start the daemons again: {start}",
    ),
    Kind(
        name="database-away",
        what="The database does not take connections: {why}.",
        by_itself=f"{_AGAIN} Until then n-api answers 503, and hosts keep what they "
        "did until it can be stored.",
        repair="{start}",
    ),
    Kind(
        name="database-silent",
        what="The database takes connections and does not answer within {limit} s.",
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
        by_itself="n-api answers 503 and n-cpu waits. Both go on once they are there.",
        repair="minova-manage --config-file {file} db sync",
        fix="makes the tables",
    ),
    Kind(
        name="schema-behind",
        what="The tables are at revision {revision}. This version of minova needs "
        "{newest}.",
        by_itself="Daemons of this version answer 503, or wait. Both go on once it is "
        "upgraded.",
        repair="minova-manage --config-file {file} db sync",
        fix="upgrades the tables; a migration only adds",
    ),
    Kind(
        name="schema-ahead",
        severity=Severity.WARNING,
        what="A later version of minova made the tables: revision {revision}. This one "
        "knows {newest}.",
        by_itself="Daemons of the version before go on.",
        repair="Upgrade minova on this machine.",
    ),
    Kind(
        name="database-locked",
        what="{holder} holds the write lock of the database, for {limit} s or more.",
        by_itself="Reads go on. What writes is answered 503 after {patience} s. All "
        "goes on at once when the lock is given back.",
        repair="Wait for it to end. If it hangs: {end}",
    ),
    Kind(
        name="database-read-only",
        what="The database is read-only.",
        by_itself="Reads go on, writes are answered 503. Daemons leave a former "
        "primary at once when the address leads to the new one.",
        repair="Lead the address to the primary, or: SET GLOBAL read_only = OFF",
    ),
    Kind(
        name="database-slow",
        severity=Severity.WARNING,
        what="The database needed {seconds} s for a question that reads one row.",
        by_itself=_NOTHING,
        repair="Look at its machine: load, disk, SHOW FULL PROCESSLIST.",
    ),
    Kind(
        name="broker-away",
        what="RabbitMQ does not take connections at {address}: {why}.",
        by_itself=f"{_AGAIN} What is in its queues is kept. Until then n-api answers "
        "503 to what needs a host.",
        repair="{start}",
    ),
    Kind(
        name="broker-silent",
        what="RabbitMQ takes connections at {address} and does not answer within "
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
        what="RabbitMQ ({node}) takes no messages: its {alarm} alarm is on.",
        by_itself="n-api answers 503, and hosts look down. All goes on by itself when "
        "the alarm is over.",
        repair="{repair}",
    ),
    Kind(
        name="broker-node-down",
        severity=Severity.WARNING,
        what="The RabbitMQ node {address} is away: {why}.",
        by_itself="The other nodes go on, as long as they are more than half.",
        repair="Start RabbitMQ on that machine.",
    ),
    Kind(
        name="libvirt-away",
        what="libvirt cannot be reached at {uri}: {why}.",
        by_itself="Guests go on. Actions fail on record. When libvirtd is back, n-cpu "
        "connects at its next heartbeat (every {seconds} s) and compares all guests.",
        repair="{start}",
    ),
    Kind(
        name="libvirt-silent",
        what="libvirt at {uri} does not answer within {limit} s.",
        by_itself="Guests go on. Each action fails on record after {timeout} s. When "
        "libvirtd goes on, n-cpu goes on, and rows follow their guests.",
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
        what="n-api at {url} answers, but not to what needs the database: {why}.",
        by_itself="It goes on as soon as the database does.",
        repair="Run this command where minova.conf is, to see why: sudo minova doctor",
    ),
    Kind(
        name="keystone-away",
        what="Keystone did not say who asks: {why}.",
        by_itself="n-api goes on with the tokens that it knows already, for 5 minutes "
        "each. Others are answered 503 until Keystone is back.",
        repair="Start Keystone: {start}",
    ),
    Kind(
        name="no-host",
        what="There is no compute host: no n-cpu has ever reported.",
        by_itself="A create is accepted and fails with `No valid host was found`.",
        repair="{start}",
    ),
    Kind(
        name="n-cpu-stopped",
        what="n-cpu of {host} does not run.",
        by_itself=f"{_SUPERVISED} When it runs, it settles at once what waits for it.",
        repair="{start}",
    ),
    Kind(
        name="n-cpu-frozen",
        what="n-cpu of {host} (process {pid}) was stopped by a signal.",
        by_itself="Nothing. Guests go on, actions wait.",
        repair="sudo kill -CONT {pids}",
    ),
    Kind(
        name="queue-missing",
        what="RabbitMQ has no queue {queue}.",
        by_itself="n-cpu declares it again within seconds, if it runs. What was in it "
        "is settled within {settled} s.",
        repair="If it stays missing, start n-cpu of that host again: {restart}",
    ),
    Kind(
        name="queue-unheard",
        what="Nobody reads the queue {queue}. Messages in it: {messages}.",
        by_itself="n-cpu of {host} connects by itself, if it runs. At its start "
        "it settles what waits.",
        repair="{start}",
    ),
    Kind(
        name="queue-unbound",
        what="The queue {queue} is not bound to the exchange {exchange}.",
        by_itself="n-cpu hears nothing of itself, ends after {seconds} s, and is "
        "started again by its supervisor: that binds the queue.",
        repair="If it stays so, start n-cpu of that host again: {restart}",
    ),
    Kind(
        name="queue-backlog",
        severity=Severity.WARNING,
        what="The queue {queue} is long, though n-cpu reads it. Messages in it: "
        "{messages}.",
        by_itself="They are read one after the other. What has waited for {grace} s is "
        "settled without its message.",
    ),
    Kind(
        name="queue-of-nobody",
        severity=Severity.WARNING,
        what="The queue {queue} is of a host that there is not any more. Messages in "
        "it: {messages}.",
        by_itself="Nothing: a quorum queue stays until somebody deletes it.",
        repair="rabbitmqctl delete_queue --vhost {vhost} {queue}",
        fix="deletes the queue, if it is empty and nobody reads it",
    ),
    Kind(
        name="host-down",
        what="Host {host} is down: its last heartbeat was {ago}. {why}",
        by_itself="It gets no new servers. Actions on its servers are accepted, wait, "
        "and are settled within {settled} s of its being back.",
        repair="{start}",
    ),
    Kind(
        name="host-forced-down",
        severity=Severity.WARNING,
        what="Host {host} is down because an admin forced it down.",
        by_itself="Nothing, until the admin takes it back.",
        repair="openstack --os-compute-api-version 2.53 compute service set --up "
        "{host} nova-compute",
    ),
    Kind(
        name="host-disabled",
        severity=Severity.NOTE,
        what="Host {host} is disabled: {why}.",
        by_itself="It gets no new servers. Those that it has go on.",
        repair="openstack compute service set --enable {host} nova-compute",
    ),
    Kind(
        name="guest-start-hangs",
        what="libvirt says that it is starting the guest of {server}, and lets nobody "
        "change it.",
        by_itself="Nothing. Its libvirtd was killed in the moment of a start.",
        repair="Stop libvirtd, remove /run/libvirt/qemu/{name}.xml, start libvirtd, "
        "then: openstack server reboot --hard {server}",
    ),
    Kind(
        name="guest-frozen",
        what="The QEMU of server {server} (process {pid}) was stopped by a signal.",
        by_itself="Each action fails on record after {timeout} s. When its QEMU goes "
        "on, the row follows the guest. Other servers go on.",
        repair="sudo kill -CONT {pid}",
    ),
    Kind(
        name="guest-silent",
        what="The guest of {server} ({name}) does not answer libvirt within {limit} s.",
        by_itself="Each action fails on record after {timeout} s. When its QEMU goes "
        "on, the row follows the guest. Other servers go on.",
        repair="Look at its QEMU: pgrep -f guest={name}. If it hangs, end it, and the "
        "server becomes SHUTOFF: virsh destroy {name}",
    ),
    Kind(
        name="guest-gone",
        what="Server {server} is {vm_state}, but libvirt has no guest of it.",
        by_itself="Nothing.",
        repair="If its files are there: openstack server reboot --hard {server}. "
        "Otherwise: openstack server delete {server}",
    ),
    Kind(
        name="guest-stopped",
        what="Server {server} is {vm_state}, but its guest is {guest}.",
        by_itself="n-cpu stops the server, and puts that on record: {seconds} s after "
        "libvirt's event, or after the next look at all guests (every {sync} s).",
        repair="openstack server start {server}",
    ),
    Kind(
        name="guest-started",
        what="Server {server} is {vm_state}, but its guest is {guest}.",
        by_itself="n-cpu cuts its power again, at libvirt's event or at the next look "
        "at all guests (every {sync} s).",
        repair="To have it on: openstack server start {server}",
    ),
    Kind(
        name="guest-led",
        severity=Severity.WARNING,
        what="Server {server} is {vm_state}, but somebody led its guest elsewhere: it "
        "is {guest}.",
        by_itself="The row follows the guest, at libvirt's event or at the next look "
        "at all guests (every {sync} s).",
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
        what="libvirt has a guest {name} ({server}) of this deployment, and no living "
        "server of this host has this id.",
        by_itself="Nothing: minova removes no guest that it has no row of.",
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
        "not there to end it.",
        by_itself="It is settled within {settled} s of n-cpu's being back. Until then "
        "it waits.",
        repair="{start}",
    ),
    Kind(
        name="claim-not-begun",
        what="Server {server} has been {task_state} for {ago}: {stage}.",
        by_itself="Its host settles it within {settled} s of its acceptance. That "
        "time is over: something keeps it.",
        repair="Look for what keeps it: minova trace {request}",
    ),
    Kind(
        name="claim-unsaved",
        what="Server {server} has been {task_state} for {ago}: its guest is {guest}, "
        "so it is done, but it is not saved.",
        by_itself="n-cpu stores it as soon as the database takes it, and settles it "
        "within {settled} s if n-cpu was killed.",
        repair="Look for what keeps it: minova trace {request}",
    ),
    Kind(
        name="claim-long",
        severity=Severity.WARNING,
        what="Server {server} has been {task_state} for {ago}: its host began on it "
        "{begun} ago. That is longer than it should take ({usual} s).",
        by_itself="It ends when its call of libvirt does, or fails on record. If n-cpu "
        "died over it, it is settled within {settled} s of its start.",
        repair="Look for what keeps it: minova trace {request}",
    ),
    Kind(
        name="disk-full",
        what="{path} ({what}) has {free} MiB left.",
        by_itself="Nothing. Databases, guests and images that are written there fail.",
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
        what="The clock of this machine and the database's differ by {seconds} s.",
        by_itself="Nothing is lost: what decides is the database's clock. Logs of "
        "several machines do not fit together, and Keystone's tokens may be refused.",
        repair="Have both follow the same time: timedatectl set-ntp true",
    ),
)

BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in ALL}
