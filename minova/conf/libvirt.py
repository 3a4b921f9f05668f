# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[libvirt]."""

from oslo_config import cfg

GROUP = cfg.OptGroup("libvirt", title="The hypervisor on this host")

OPTIONS: list[cfg.Opt] = [
    # Not URIOpt: it refuses qemu:///system ("host was required", oslo.config 10.7).
    cfg.StrOpt(
        "connection_uri",
        default="qemu:///system",
        help="""
The libvirt URI that minova-compute connects to.

``qemu:///system`` is the libvirtd of this host. ``test:///default`` is libvirt's
own mock driver, which needs neither root nor a hypervisor.

Related: https://libvirt.org/uri.html
""",
    ),
    cfg.StrOpt(
        "virt_type",
        default="qemu",
        choices=[
            ("kvm", "hardware virtualisation"),
            ("qemu", "software emulation: slow, but works everywhere"),
            ("test", "for ``connection_uri = test:///…``"),
        ],
        help="""
The type of new libvirt domains.
""",
    ),
    cfg.FloatOpt(
        "call_timeout",
        default=20,
        min=0.1,
        help="""
Seconds to wait for a libvirt call that does not return.

After that the action is recorded as failed, and its server can be used again. The
call itself cannot be cancelled. Until it returns, the host fails other actions on the
same server at once. Other servers are not affected. When the call returns, n-cpu
updates the database to the state of the guest.

Keep this below 30. If libvirtd does not answer for 30 seconds, keep-alive closes the
connection.

Suspend and resume may take one second longer for each 32 MiB of the guest's memory.
""",
    ),
    cfg.IntOpt(
        "wait_soft_reboot_seconds",
        default=120,
        min=0,
        help="""
Seconds that a guest may take to power itself off at a soft reboot.

If the guest is still on after that, n-cpu performs a hard reboot.
""",
    ),
]
