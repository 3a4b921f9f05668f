# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every option, a module for each group; read at the entry points and nowhere else."""

import copy

from oslo_config import cfg
from oslo_db import options as oslo_db_options
from oslo_log import log

from minova.conf import (
    api,
    compute,
    default,
    glance,
    libvirt,
    logs,
    quota,
    testing,
)


def create(log_file: str) -> cfg.ConfigOpts:
    """Register minova's options and those of the libraries that do not do it.

    None is in oslo.config's global ``CONF``: two clouds of a process have two of these.
    """
    conf = cfg.ConfigOpts()
    for group, options in list_opts():
        conf.register_opts(options, group=None if group == "DEFAULT" else group)
    oslo_db_options.set_defaults(
        conf,
        connection="sqlite:////var/lib/minova/minova.sqlite",
        # One for each thread that can ask at once: gunicorn's, or the RPC server's.
        max_pool_size=64,
        max_overflow=16,
    )
    log.register_options(conf)
    logs.set_defaults(conf, log_file)
    return conf


def check(conf: cfg.ConfigOpts) -> None:
    """Read every option of minova once: at the start, not where it is first needed.

    Raises:
        cfg.Error: an option may not have its value.
    """
    for group, options in list_opts():
        name = group if isinstance(group, str) else group.name
        for option in options:
            _ = conf[option.dest] if name == "DEFAULT" else conf[name][option.dest]


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    """What ``oslo-config-generator`` puts into ``etc/minova/minova.conf``."""
    groups = (default, api, compute, glance, libvirt, quota, testing)
    # Copies: oslo.config 10.7 keeps in a group what one ``ConfigOpts`` set and added.
    return [(copy.deepcopy(group.GROUP), group.OPTIONS) for group in groups]
