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
The libvirt URI minova-compute connects to.

``qemu:///system`` is the libvirtd of this host; ``test:///default`` is libvirt's own
mock driver, which needs neither root nor a hypervisor.

Related: https://libvirt.org/uri.html
""",
    ),
    cfg.StrOpt(
        "virt_type",
        default="qemu",
        choices=[
            ("kvm", "hardware virtualisation"),
            ("qemu", "software emulation: slow, and works everywhere"),
            ("test", "for ``connection_uri = test:///…``"),
        ],
        help="""
The type of the domains that are made.
""",
    ),
    cfg.FloatOpt(
        "call_timeout",
        default=20,
        min=0.1,
        help="""
Seconds to wait for a call of libvirt that does not return.

Then the action that needs it fails on record and the server is free again.  The call
itself cannot be cancelled: until it returns, whatever else is asked of that server
fails at once on its host; other servers go on.  When it does return, the server's row
follows the guest.

Below 30, for that is when keep-alive gives up a libvirtd that does not answer.

To write a guest's memory to disk and to read it back (suspend, resume) may take longer:
one second more for each 32 MiB of it.
""",
    ),
    cfg.IntOpt(
        "wait_soft_reboot_seconds",
        default=120,
        min=0,
        help="""
Seconds that a guest may take to power itself off at a soft reboot.

One that is still on then is rebooted the hard way.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    return [(GROUP, OPTIONS)]
