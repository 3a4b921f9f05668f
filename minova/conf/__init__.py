# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every option, a module for each group; read at the entry points and nowhere else."""

from oslo_config import cfg
from oslo_db import options as oslo_db_options
from oslo_log import log

from minova.conf import api, compute, default, glance, libvirt, quota

GROUPS = (default, api, compute, glance, libvirt, quota)


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Register minova's options and those of the libraries that do not do it."""
    for group in GROUPS:
        group.register_opts(conf)
    oslo_db_options.set_defaults(
        conf,
        connection="sqlite:////var/lib/minova/minova.sqlite",
        # One for each thread that can ask at once: gunicorn's, or the RPC server's.
        max_pool_size=64,
        max_overflow=16,
    )
    log.register_options(conf)


def check(conf: cfg.ConfigOpts) -> None:
    """Read every option of minova once: at the start, not where it is first needed.

    Raises:
        cfg.Error: a value is none that the option may have.
    """
    for group, group_options in list_opts():
        name = group if isinstance(group, str) else group.name
        for option in group_options:
            _ = conf[option.dest] if name == "DEFAULT" else conf[name][option.dest]


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    """What ``oslo-config-generator`` puts into ``etc/minova/minova.conf``."""
    return [option for group in GROUPS for option in group.list_opts()]
